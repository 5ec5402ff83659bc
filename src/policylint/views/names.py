"""Names as the API machinery takes them (apimachinery pkg/util/validation/validation.go)."""

from policylint.regex import regex

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = regex(rf"{_LABEL}(?:\.{_LABEL})*")
_DNS_LABEL = regex(_LABEL)
_STARTS_WITH_LETTER = regex(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_QUALIFIED = regex(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
_LABEL_VALUE = regex(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
_LONGEST_LABEL, _LONGEST_NAME = 63, 253


def is_subdomain(text: str) -> bool:
    """A DNS subdomain, as names of most objects are (`IsDNS1123Subdomain`)."""
    return len(text) <= _LONGEST_NAME and _SUBDOMAIN.fullmatch(text) is not None


def is_label(text: str) -> bool:
    """A DNS label, as names of namespaces are (`IsDNS1123Label`)."""
    return len(text) <= _LONGEST_LABEL and _DNS_LABEL.fullmatch(text) is not None


def is_letter_label(text: str) -> bool:
    """A DNS label that starts with a letter, as names of services and versions are (`IsDNS1035Label`)."""
    return len(text) <= _LONGEST_LABEL and _STARTS_WITH_LETTER.fullmatch(text) is not None


def is_fully_qualified(text: str) -> bool:
    """A subdomain of at least three parts, as names of webhooks are (`IsFullyQualifiedName`)."""
    return is_subdomain(text) and text.count(".") >= 2


def is_qualified_name(text: str) -> bool:
    """A label key: `name` or `prefix/name` (`IsQualifiedName`)."""
    prefix, slash, name = text.rpartition("/")
    if slash and ("/" in prefix or not prefix or not is_subdomain(prefix)):
        return False
    return len(name) <= _LONGEST_LABEL and _QUALIFIED.fullmatch(name) is not None


def is_label_value(text: str) -> bool:
    """The value of a label (`IsValidLabelValue`)."""
    return len(text) <= _LONGEST_LABEL and _LABEL_VALUE.fullmatch(text) is not None
