"""Rules that exclude what they match: kyverno api/kyverno/v1/rule_types.go `ValidateMatchExcludeConflict`, and
api/kyverno/v2/cleanup_policy_types.go `ValidateMatchExcludeConflict`.
"""

import json
from collections.abc import Mapping
from typing import Any

from policylint.admission.kyverno.match_blocks import filters
from policylint.engine.wildcard import match
from policylint.model import YamlPath
from policylint.views.shape import Shape

_SELECTORS = ("selector", "namespaceSelector")

Block = Mapping[str, Any]


def conflict(wanted: Block, excluded: Block, path: YamlPath) -> YamlPath | None:
    """The place in the exclude block, at `path`, that leaves nothing of the match block `wanted`; None for none.

    As upstream, this looks at what is literally the same, and not at all at blocks with `all`.
    """
    if wanted.get("all") or excluded.get("all"):
        return None
    shape = Shape()
    if wanted.get("any") and excluded.get("any"):
        return _same_filter(shape, wanted, excluded, path)
    if not _significant(excluded):
        return None
    left, right = _resources(wanted), _resources(excluded)
    if not (_users_covered(wanted, excluded) and _text_matches(left, right)):
        return None
    if right.get("names"):
        return _same_name(left, right, path)
    for key in ("namespaces", "kinds"):
        if not _covers(right.get(key), left.get(key)):
            return None
    if all(_selector_covered(left.get(key), right.get(key)) for key in _SELECTORS) and _same_annotations(left, right):
        return path
    return None


def cleanup_conflict(wanted: Block, excluded: Block, path: YamlPath) -> YamlPath | None:
    """The same for cleanup policies, whose blocks have only any and all."""
    if wanted.get("all") or excluded.get("all") or not _significant(excluded):
        return None
    if wanted.get("any") and excluded.get("any"):
        return _same_filter(Shape(), wanted, excluded, path)
    return path


def _same_filter(shape: Shape, wanted: Block, excluded: Block, path: YamlPath) -> YamlPath | None:
    matched = [_significant(item) for _, item in filters(shape, wanted, path)]
    return next((at for at, item in filters(shape, excluded, path) if _significant(item) in matched), None)


def _significant(value: Any, key: str = "") -> Any:
    """`value` without what Go's types cannot tell from absence; selectors are pointers, so an empty one is there."""
    if isinstance(value, Mapping):
        kept = {name: _significant(item, name) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item not in (None, "", [], {}) or _is_pointer(name, value)}
    if isinstance(value, list):
        return [_significant(item, key) for item in value]
    return value


def _is_pointer(name: str, owner: Block) -> bool:
    return name in _SELECTORS and owner[name] is not None


def _resources(block: Block) -> Block:
    resources = block.get("resources")
    return resources if isinstance(resources, Mapping) else {}


def _covers(excluded: Any, wanted: Any) -> bool:
    """Whether the list `excluded`, when it names anything, names all of `wanted`, which is not empty."""
    left, right = _marshalled(excluded), _marshalled(wanted)
    return not left or (bool(right) and right <= left)


def _marshalled(items: Any) -> set[str]:
    return {json.dumps(item, sort_keys=True) for item in items} if isinstance(items, list) else set()


def _users_covered(wanted: Block, excluded: Block) -> bool:
    return all(_covers(excluded.get(key), wanted.get(key)) for key in ("roles", "clusterRoles", "subjects"))


def _text_matches(left: Block, right: Block) -> bool:
    name = right.get("name")
    return not name or match(str(name), str(left.get("name") or ""))


def _same_name(left: Block, right: Block, path: YamlPath) -> YamlPath | None:
    shape = Shape()
    names = [text for _, text in shape.strings(left.get("names"), path)]
    excluded = shape.strings(right.get("names"), path / "resources" / "names")
    return next((at for at, pattern in excluded if any(match(pattern, name) for name in names)), None)


def _selector_covered(left: Any, right: Any) -> bool:
    if (left is None) is not (right is None):
        return False
    if not isinstance(left, Mapping) or not isinstance(right, Mapping):
        return left is None
    if not _covers(right.get("matchExpressions"), left.get("matchExpressions")):
        return False
    wanted, excluded = left.get("matchLabels") or {}, right.get("matchLabels") or {}
    if not isinstance(wanted, Mapping) or not isinstance(excluded, Mapping):
        return False
    return not excluded or (bool(wanted) and all(excluded.get(key) == value for key, value in wanted.items()))


def _same_annotations(left: Block, right: Block) -> bool:
    return (left.get("annotations") or None) == (right.get("annotations") or None)
