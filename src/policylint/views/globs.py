"""Patterns of image names in the three dialects that look alike and are not.

- `sigstore` (ClusterImagePolicy; policy-controller pkg/apis/glob/glob.go): `*` stops at `/`, `**` does not; nothing
  else is special. The whole fully-qualified name must match, as `index.docker.io/library/nginx@sha256:...`.
- `kyverno` (ClusterPolicy; kyverno ext/wildcard): `*` crosses `/`, `?` is one character. The whole text must match.
- `gobwas` (ImageValidatingPolicy; github.com/gobwas/glob without separators): as Kyverno's, and `[a-z]`, `[!a-z]`,
  `{this,that}` and a backslash before a character that is meant as itself.

Patterns are matched by RE2, so no pattern takes more than linear time.
"""

import re
from typing import Any, Literal

from policylint.re2_patterns import PatternError, compile_pattern
from policylint.regex import regex
from policylint.views.images import DEFAULT_REGISTRY, ImageReferenceError, parse_image

Dialect = Literal["sigstore", "kyverno", "gobwas"]

DIFFERENCE = (
    "in a ClusterImagePolicy * stops at / and ** does not, while Kyverno's * crosses /"
    " and an ImageValidatingPolicy knows [a-z] and {a,b} besides"
)
DOCKER_HUB = "index.docker.io"

_SIGSTORE = regex(r"[a-zA-Z0-9\-_:/*.@]+")
# what a pattern of these two means in policy-controller
SHORTHANDS = {"*": f"{DOCKER_HUB}/library/*", "*/*": f"{DOCKER_HUB}/*/*"}


class GlobError(ValueError):
    """The text is not a pattern of the dialect; the message says why, as the end of a sentence."""


def matches(dialect: Dialect, pattern: str, text: str) -> bool:
    """Whether all of `text` matches `pattern`. Raises GlobError for what is no pattern of the dialect."""
    return _compiled(as_regex(dialect, pattern)).fullmatch(text) is not None


def as_regex(dialect: Dialect, pattern: str) -> str:
    """The regular expression, for the whole text, that `pattern` means. Raises GlobError for what is no pattern."""
    if dialect == "sigstore":
        return _sigstore(pattern)
    return _kyverno(pattern) if dialect == "kyverno" else _Gobwas(pattern).translated()


def sigstore_matches(pattern: str, image: str) -> bool:
    """Whether a ClusterImagePolicy with `pattern` is about the image reference `image`.

    Raises GlobError for what is no pattern, and ImageReferenceError for what is no image.
    """
    return matches("sigstore", pattern, qualified(image))


def qualified(image: str) -> str:
    """`image` as policy-controller spells it when it matches patterns (go-containerregistry pkg/name `Reference.Name`).

    With its registry, `index.docker.io` where there is none, and either its digest or its tag, `latest` where there is
    none. Raises ImageReferenceError.
    """
    reference = parse_image(image)
    registry = DOCKER_HUB if reference.registry == DEFAULT_REGISTRY else reference.registry
    version = f"@{reference.digest}" if reference.digest else f":{reference.tag or 'latest'}"
    return f"{registry}/{reference.repository}{version}"


def _sigstore(pattern: str) -> str:
    pattern = SHORTHANDS.get(pattern, pattern)
    if not _SIGSTORE.fullmatch(pattern):
        raise GlobError("it may hold letters, digits and - _ : / . @ besides its stars, and nothing else")
    whole = "[^/]*".join(re.escape(part) for part in pattern.replace("**", "#").split("*"))
    return whole.replace(re.escape("#"), ".*")


def _kyverno(pattern: str) -> str:
    return "(?s)" + "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)


class _Gobwas:
    """Translates one pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def translated(self) -> str:
        parts, depth = ["(?s)"], 0
        while self._at < len(self._pattern):
            character = self._take()
            if character == "{":
                depth += 1
                parts.append("(?:")
            elif character == "}" and depth:
                depth -= 1
                parts.append(")")
            elif character == "," and depth:
                parts.append("|")
            else:
                parts.append(self._single(character))
        if depth:
            raise GlobError("a { has no }")
        return "".join(parts)

    def _single(self, character: str) -> str:
        if character in "*?":
            return ".*" if character == "*" else "."
        if character == "[":
            return self._one_of()
        if character == "\\":
            if self._at == len(self._pattern):
                raise GlobError("a backslash ends it")
            character = self._take()
        return re.escape(character)

    def _one_of(self) -> str:
        end = self._pattern.find("]", self._at)
        inside = self._pattern[self._at : end]
        self._at = end + 1
        negated = inside.startswith("!")
        inside = inside.removeprefix("!")
        if end < 0 or not inside:
            raise GlobError("a [ has no ], or nothing before it")
        if len(inside) == 3 and inside[1] == "-" and inside[0] > inside[2]:
            raise GlobError(f"[{inside}] runs backwards")
        is_range = len(inside) == 3 and inside[1] == "-"
        listed = f"{re.escape(inside[0])}-{re.escape(inside[2])}" if is_range else re.escape(inside)
        return f"[{'^' if negated else ''}{listed}]"

    def _take(self) -> str:
        character = self._pattern[self._at]
        self._at += 1
        return character


def _compiled(pattern: str) -> Any:
    try:
        return compile_pattern(pattern)
    except PatternError as error:
        raise GlobError("it cannot be compiled, it is too long or nested too deeply") from error


__all__ = [
    "DIFFERENCE",
    "DOCKER_HUB",
    "SHORTHANDS",
    "Dialect",
    "GlobError",
    "ImageReferenceError",
    "as_regex",
    "matches",
    "qualified",
    "sigstore_matches",
]
