"""URLs as Go's net/url reads them, as far as it refuses any: the webhook decodes URL fields into `url.URL`."""

from policylint.regex import regex

_SCHEME = regex(r"([A-Za-z][A-Za-z0-9+.-]*):")
_BAD_ESCAPE = regex(r"%(?![0-9A-Fa-f]{2})")
_BAD_HOST = regex(r"[\s\"<>\\^`{|}]")
_PORT = regex(r"(:\d*)?\Z")


def fault(url: str) -> str:
    """Why `url` is no URL, or nothing (net/url `Parse`)."""
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in url):
        return "it holds a control character"
    rest = url.partition("#")[0]
    scheme = _SCHEME.match(rest)
    if scheme is None and ":" in rest.partition("/")[0].partition("?")[0]:
        return "it has a colon in its first part, and no scheme before it"
    after = rest[scheme.end() :] if scheme else rest
    path = after.partition("?")[0]
    if after.startswith("//"):
        host, slash, path = path[2:].partition("/")
        path = slash + path
        reason = _host_fault(host.rpartition("@")[2])
        if reason:
            return reason
    return "it has a % that is no escape" if _BAD_ESCAPE.search(path) else ""


def scheme(url: str) -> str:
    """The scheme of `url` in lower case; empty without one."""
    match = _SCHEME.match(url)
    return match[1].lower() if match else ""


def is_request_uri(url: str) -> bool:
    """Whether `url` is an absolute URL or an absolute path (net/url `ParseRequestURI`)."""
    return bool(url) and not fault(url) and (url.startswith("/") or bool(scheme(url)))


def _host_fault(host: str) -> str:
    if _BAD_HOST.search(host):
        return "its host holds a character that no host has"
    name = host.rpartition("]")[2] if host.startswith("[") else host[max(host.find(":"), 0) :] if ":" in host else ""
    if host.startswith("[") and "]" not in host:
        return "its host has a [ without a ]"
    return "" if _PORT.match(name) else "its port is no number"
