"""The text of `patchesJson6902`: kyverno pkg/validation/policy/validate.go `validateJSONPatchPathForForwardSlash` and
`validateJSONPatch`, after evanphx/json-patch v5 `DecodePatch`.
"""

from collections.abc import Iterator
from typing import Any

from policylint.admission.kyverno.rule_bodies import REFUSED
from policylint.document.compose import ParseError, compose
from policylint.document.construct import ConstructError, construct
from policylint.document.scalars import KUBERNETES
from policylint.engine.variables.syntax import occurrences
from policylint.model import Problem, YamlPath
from policylint.views.shape import type_name

_OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")
_WITHOUT_VALUE = ("remove", "move", "copy")
_STAND_IN = "kyvernojsonpatchvariable"


def patch_problems(text: str, path: YamlPath) -> Iterator[Problem]:
    """What the webhook refuses in the patch `text`, which stands at `path`; variables in it may become anything."""
    try:
        operations = _read(_without_variables(text))
    except (ValueError, ConstructError) as error:
        yield Problem(path, f"the JSON patch cannot be read: {error}: {REFUSED}", help="Write a YAML or JSON list.")
        return
    if operations is None:
        return
    if not isinstance(operations, list):
        yield Problem(
            path,
            f"a JSON patch is a list of operations, this is {type_name(operations)}: {REFUSED}",
            help="Put a dash before each operation.",
        )
        return
    for number, operation in enumerate(operations, 1):
        for message, remedy in _defects(operation):
            yield Problem(path, f"operation {number} of the JSON patch {message}: {REFUSED}", help=remedy)


def _without_variables(text: str) -> str:
    parts: list[str] = []
    position = 0
    for found in occurrences(text):
        parts += text[position : found.start], _STAND_IN
        position = found.end
    return "".join([*parts, text[position:]])


def _read(text: str) -> Any:
    first = next(compose(text), None)
    if isinstance(first, ParseError):
        raise ValueError(first.message)
    return None if first is None else construct(first.node, KUBERNETES).data


def _defects(operation: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(operation, dict):
        yield f"is {type_name(operation)}, not a mapping", "Write op, path and value."
        return
    path = operation.get("path")
    if not isinstance(path, str):
        yield "has no path", "Add path, a JSON pointer such as /metadata/labels."
    elif not path.startswith("/"):
        yield f"has the path {path!r}, which does not begin with a slash", f"Write /{path}."
    name = operation.get("op")
    if name not in _OPERATIONS:
        said = f"has the op {name!r}" if isinstance(name, str) else "has no op"
        yield said, f"Use one of {', '.join(_OPERATIONS)}."
    elif name not in _WITHOUT_VALUE and "value" not in operation:
        yield f"has the op {name} and no value", "Add value."
