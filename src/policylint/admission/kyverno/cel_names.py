"""Names and results of the expressions in policies of policies.kyverno.io: kyverno pkg/cel/compiler/compiler.go
`CompileMatchCondition`, `CompileVariables`, `CompileValidation`, `CompileAuditAnnotation` and the environments of
pkg/cel/policies/*/compiler.

Every name that some version of some kind declares counts as declared, and functions and libraries are not judged.
`variables` is an object whose fields are the policy's variables, each one from the next variable on.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from policylint.admission.kyverno.rule_bodies import REFUSED
from policylint.engine.cel import Call, CelSyntaxError, Expression, Identifier, Select, parse, walk
from policylint.engine.cel.names import free_names
from policylint.engine.cel.results import DYNAMIC, UNKNOWN, result_type
from policylint.model import Problem, YamlPath

_REQUEST = ("object", "oldObject", "request", "namespaceObject", "variables")
_OTHERS = (
    "attestations", "attestors", "authorizer", "exceptions", "generator", "globalContext", "gzip", "hash", "http",
    "image", "imageData", "images", "json", "math", "params", "random", "ref", "resource", "time", "user",
    "x509", "yaml",
)  # fmt: skip
_DECLARED = frozenset((*_REQUEST, *_OTHERS))
_DYNAMIC = frozenset(("object", "oldObject"))
_BOOL = ("bool",)
# by section and field: the types that the compilers take
_RESULTS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("matchConditions", "expression"): _BOOL,
    ("matchImageReferences", "expression"): _BOOL,
    ("conditions", "expression"): _BOOL,
    ("validations", "expression"): _BOOL,
    ("validations", "messageExpression"): ("string",),
    ("auditAnnotations", "valueExpression"): ("string", "null_type"),
}


# compiled before there are variables
_EARLY = frozenset(
    (("ValidatingPolicy", "matchConditions"), ("GeneratingPolicy", "matchConditions"), ("DeletingPolicy", "conditions"))
)


class _Read(NamedTuple):
    path: YamlPath
    tree: Expression
    section: str


def name_problems(kind: str, names: Iterable[str], expressions: Iterable[tuple[YamlPath, str]]) -> Iterator[Problem]:
    """What does not compile of the `expressions` of a policy of `kind`, apart from what is no CEL at all.

    `names` are those of `spec.variables`, in their order.
    """
    order = list(names)
    read = list(_read(expressions))
    types: dict[str, str] = {}
    for each in read:
        if each.section == "variables" and isinstance(index := each.path[2], int) and index < len(order):
            types[order[index]] = result_type(each.tree, _DYNAMIC, types)
    for each in read:
        problem = _undeclared(each) or _unknown_variable(kind, each, order) or _wrong_result(each, types)
        if problem is not None:
            yield problem


def _read(expressions: Iterable[tuple[YamlPath, str]]) -> Iterator[_Read]:
    for path, expression in expressions:
        try:
            yield _Read(path, parse(expression), str(path[1]))
        except CelSyntaxError:
            continue  # said elsewhere


def _undeclared(read: _Read) -> Problem | None:
    left_out: set[str] = set()  # names of libraries, and what may be the variable of a macro
    for node in walk(read.tree):
        if isinstance(node, Call) and node.target is not None:
            left_out.update(each.name for each in (node.target, *node.arguments) if isinstance(each, Identifier))
    for name in free_names(read.tree):
        plain = name.name.lstrip(".")
        if plain not in _DECLARED and name.name not in left_out:
            return Problem(
                read.path,
                f"{plain} is not declared here (at character {name.at + 1}): {REFUSED}",
                help=f"An expression begins with {', '.join(_REQUEST)} or the name of a library.",
            )
    return None


def _unknown_variable(kind: str, read: _Read, order: list[str]) -> Problem | None:
    """A variable that is none, or that comes later."""
    known = set(order)
    if read.section == "variables" and isinstance(read.path[2], int):
        known = set(order[: read.path[2]])
    elif (kind, read.section) in _EARLY:
        known = set()
    roots = {name.at for name in free_names(read.tree) if name.name == "variables"}
    for node in walk(read.tree):
        if not isinstance(node, Select) or not isinstance(node.operand, Identifier):
            continue
        if node.operand.at in roots and node.field not in known:
            return Problem(read.path, *_said(node.field, node.at, order, read.section))
    return None


def _said(name: str, at: int, order: list[str], section: str) -> tuple[str, str]:
    place = f"(at character {at + 1}): {REFUSED}"
    if name not in order:
        named = ", ".join(filter(None, order))
        remedy = f"Variables of this policy are {named}." if named else "Add it to spec.variables."
        return f"variables.{name} is not declared in spec.variables {place}", remedy
    if section != "variables":
        return f"variables.{name} is not known in {section}, which come first {place}", "Write it out here."
    return f"variables.{name} is not known yet {place}", "Move it before the variables that use it."


def _wrong_result(read: _Read, types: Mapping[str, str]) -> Problem | None:
    wanted = _RESULTS.get((read.section, str(read.path[-1])))
    found = result_type(read.tree, _DYNAMIC, types)
    if wanted is None or found == UNKNOWN or found in wanted:
        return None
    if found == DYNAMIC:
        what = "a field whose type is not known before it is evaluated"
        remedy = "Compare it, as in object.spec.paused == true." if wanted == _BOOL else "Convert it: string(...)."
    else:
        what, remedy = f"of type {found}", f"Write an expression that yields {wanted[0]}."
    return Problem(read.path, f"this expression has to be of type {wanted[0]} and is {what}: {REFUSED}", help=remedy)
