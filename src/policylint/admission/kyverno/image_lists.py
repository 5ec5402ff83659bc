"""Which of a pod's lists of images an ImageValidatingPolicy speaks of."""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.engine.cel import CelSyntaxError, Identifier, Literal, Select, parse, walk
from policylint.engine.cel.nodes import Call, Expression
from policylint.model import ROOT, Problem
from policylint.views import fields
from policylint.views.shape import Shape

_SPEC = ROOT / "spec"
_ROOM = "images"
_LISTS = ("containers", "initContainers", "ephemeralContainers")


def problems(stored: Stored) -> Iterator[Problem]:
    """One problem, at the first validation, for a policy about pods that leaves out lists of their images."""
    shape = Shape()
    spec = shape.mapping(stored.data.get("spec"), _SPEC)
    if spec.get("images"):
        return  # the author's own lists
    spoken: set[str] = set()
    first = None
    for section in ("variables", "validations", "matchConditions"):
        for path, item in shape.mappings(spec.get(section), _SPEC / section):
            try:
                tree = parse(fields.text(shape, item, path, "expression"))
            except CelSyntaxError:
                return
            spoken |= set(_lists(tree))
            if section == "validations" and first is None:
                first = path / "expression"
    missing = [name for name in _LISTS if name not in spoken]
    if first is not None and "containers" in spoken and missing:
        yield Problem(
            first,
            f"the images of {' and '.join(missing)} are not looked at: an unsigned image may run there",
            "hold images.containers + images.initContainers + images.ephemeralContainers to the same",
        )


def _lists(tree: Expression) -> Iterator[str]:
    """The lists that an expression names; all of them when it takes `images` as a whole."""
    named = 0
    for node in walk(tree):
        if isinstance(node, Select) and _is_images(node.operand):
            named += 1
            yield node.field
        elif isinstance(node, Call) and node.function in ("_[_]", "_[?_]") and _is_images(node.arguments[0]):
            named += 1
            key = node.arguments[1]
            yield from (str(key.value),) if isinstance(key, Literal) else _LISTS
    if sum(_is_images(node) for node in walk(tree)) > named:
        yield from _LISTS


def _is_images(node: Expression) -> bool:
    return isinstance(node, Identifier) and node.name == _ROOM
