"""Go's strings, which are bytes: invalid UTF-8, letter case, and the cutting that Python does differently.

A byte that is not UTF-8 stands in a Python text as the surrogate that the handler `surrogateescape` gives it, so that
what base64 decodes survives until it is encoded or hashed again. Other surrogates have no UTF-8; they become U+FFFD.
"""


def to_bytes(text: str) -> bytes:
    """The bytes of `text` as Go holds them."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text).encode()


def from_bytes(data: bytes) -> str:
    """The text that holds `data`, whether UTF-8 or not."""
    return data.decode("utf-8", "surrogateescape")


def upper(text: str) -> str:
    """strings.ToUpper: letter by letter, so `ß` stays."""
    return text.upper() if text.isascii() else "".join(map(_upper_letter, text))


def lower(text: str) -> str:
    """strings.ToLower: letter by letter, so a final sigma is no different."""
    return text.lower() if text.isascii() else "".join(map(_lower_letter, text))


def equal_fold(left: str, right: str) -> bool:
    """strings.EqualFold: equal under simple case folding, in which `ß` is not `ss`."""
    return len(left) == len(right) and all(a == b or _fold(a) == _fold(b) for a, b in zip(left, right, strict=True))


def split(text: str, separator: str) -> list[str]:
    """strings.Split: an empty separator cuts after each character."""
    return text.split(separator) if separator else list(text)


def _upper_letter(letter: str) -> str:
    changed = letter.upper()
    if len(changed) > 1:
        changed = letter.title()  # the simple mapping of the few letters that have one besides
    return changed if len(changed) == 1 else letter


def _lower_letter(letter: str) -> str:
    changed = letter.lower()
    return changed if len(changed) == 1 else changed[0]  # only İ has a longer one


def _fold(letter: str) -> str:
    folded = letter.casefold()
    if len(folded) > 1:
        folded = letter.lower()
    return folded if len(folded) == 1 else letter
