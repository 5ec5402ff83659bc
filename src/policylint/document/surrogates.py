r"""JSON's escapes of UTF-16 surrogates (`"\ud83d\ude00"`), which no YAML parser reads.

They are swapped for other escapes of the same length, so that every position stays, and swapped back in the values.
"""

import re

import yaml

# private characters stand for the surrogates: U+D800..U+DFFF as U+E000..U+E7FF
_SHIFT = 0x0800
_TAKEN = re.compile(r"[\ue000-\ue7ff]|\\u[eE][0-7]")
# an escaped backslash is consumed, so that what follows it is not taken for an escape
_ESCAPE = re.compile(r"\\(?:u([dD][89a-fA-F][0-9a-fA-F]{2})|[^u])")
_PAIR = re.compile(r"([\ue000-\ue3ff])([\ue400-\ue7ff])")
_LONE = re.compile(r"[\ue000-\ue7ff]")


def without_surrogates(text: str) -> str | None:
    """JSON `text` with other escapes in the place of surrogates', or None when that cannot be."""
    import json

    if _TAKEN.search(text) is not None:
        return None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _ESCAPE.sub(_swapped, text)


def _swapped(match: re.Match[str]) -> str:
    return match[0] if match[1] is None else f"\\u{int(match[1], 16) + _SHIFT:04x}"


def restore(root: yaml.Node) -> None:
    """Gives the scalars under `root` what the swapped escapes meant; a half of a pair is U+FFFD, as Go reads it."""
    stack = [root]
    seen: set[int] = set()
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            node.value = _LONE.sub("\ufffd", _PAIR.sub(_joined, node.value))
        elif isinstance(node, yaml.MappingNode):
            stack.extend(child for pair in node.value for child in pair)
        else:
            stack.extend(node.value)


def _joined(match: re.Match[str]) -> str:
    high, low = ord(match[1]) - 0xE000, ord(match[2]) - 0xE400
    return chr(0x10000 + (high << 10) + low)
