"""Kyverno's wildcards: `*` stands for any text, also none, and `?` for exactly one character."""


def match(pattern: str, text: str) -> bool:
    """Whether `text` as a whole matches `pattern` (kyverno ext/wildcard `Match`).

    There is no escaping and no other special character. Each stretch between stars is searched once, leftmost first,
    so nothing backtracks: the time is at most the product of the two lengths.
    """
    if "*" not in pattern:
        return _same(pattern, text)
    first, *middle, last = pattern.split("*")
    position, end = len(first), len(text) - len(last)
    if position > end or not _same(first, text[:position]) or not _same(last, text[end:]):
        return False
    for part in middle:
        found = _find(part, text, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True


def has_wildcard(text: str) -> bool:
    """Whether `text` holds a wildcard (kyverno ext/wildcard `ContainsWildcard`)."""
    return "*" in text or "?" in text


def _same(part: str, text: str) -> bool:
    if "?" not in part:
        return part == text
    return len(part) == len(text) and all(a in ("?", b) for a, b in zip(part, text, strict=True))


def _find(part: str, text: str, start: int, end: int) -> int:
    if "?" not in part:
        return text.find(part, start, end)
    size = len(part)
    return next((at for at in range(start, end - size + 1) if _same(part, text[at : at + size])), -1)
