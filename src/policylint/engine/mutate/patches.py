"""One patch applied to one object: kyverno pkg/engine/mutate/mutation.go `Mutate` and `ForEach`."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from policylint.engine.errors import EvaluationError
from policylint.engine.mutate.anchors import resolve_anchors
from policylint.engine.mutate.json_patch import apply_patch, read_patch
from policylint.engine.mutate.nodes import as_stored, is_same, sorted_copy
from policylint.engine.mutate.strategic_merge import merge
from policylint.engine.request import Object
from policylint.engine.response import Step
from policylint.model import YamlPath
from policylint.views.shape import type_name

STRATEGIC = "patchStrategicMerge"
JSON = "patchesJson6902"


class Patched(NamedTuple):
    """The object after a patch, None when the patch changes nothing. Its numbers are as an API server's: integers
    where they have no fraction.
    """

    resource: Object | None
    steps: tuple[Step, ...] = ()


def patch(resource: Object, body: Mapping[str, Any], path: YamlPath) -> Patched:
    """`resource` with the patch of `body` applied: its `patchStrategicMerge`, else its `patchesJson6902`.

    The variables of `body` are replaced; it stands at `path` in its rule. Raises EvaluationError for what is no patch,
    cannot be applied, or leaves no object.
    """
    if body.get(STRATEGIC) is not None:
        result = _strategic(resource, body[STRATEGIC], path / STRATEGIC)
    elif body.get(JSON):
        result = _json(resource, body[JSON], path / JSON)
    else:
        raise EvaluationError("the mutation has no patch", path)
    changed = result.resource
    if changed is not None and not (isinstance(changed, dict) and changed.get("kind")):
        raise EvaluationError("what the patch leaves is no object: it has no kind", path)
    return result


def strategic_merge(resource: Object, patch: Mapping[str, Any], path: YamlPath) -> tuple[Any, tuple[Step, ...]]:
    """`resource` with the strategic merge `patch`, at `path` in its rule, applied; what anchors kept out of it.

    Neither is changed. Raises EvaluationError with its place.
    """
    before = sorted_copy(resource)
    try:
        resolved = resolve_anchors(sorted_copy(patch), before, path)
        return merge(resolved.patch, before), resolved.steps
    except EvaluationError as error:
        raise EvaluationError(error.message, error.path or path) from error


def _strategic(resource: Object, wanted: Any, path: YamlPath) -> Patched:
    if not isinstance(wanted, dict):
        raise EvaluationError(f"a strategic merge patch is a mapping, this is {type_name(wanted)}", path)
    after, steps = strategic_merge(resource, wanted, path)
    return Patched(None if is_same(resource, after, ordered=False) else as_stored(after), steps)


def _json(resource: Object, text: Any, path: YamlPath) -> Patched:
    if not isinstance(text, str):
        raise EvaluationError(f"a JSON patch is text, this is {type_name(text)}", path)
    before = sorted_copy(resource)
    try:
        after = apply_patch(read_patch(text), sorted_copy(before))
    except EvaluationError as error:
        raise EvaluationError(error.message, path) from error
    # upstream compares texts: what is removed and added again is a change
    return Patched(None if is_same(before, after, ordered=True) else as_stored(after))
