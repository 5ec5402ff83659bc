"""What type an expression has when it is compiled, as far as the expression itself shows it."""

from collections.abc import Mapping

from policylint.engine.cel.nodes import Call, Expression, Identifier, ListOf, Literal, MapOf, Select

UNKNOWN = ""
DYNAMIC = "dyn"
_BOOL_OPERATORS = frozenset(("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_&&_", "_||_", "!_", "@in"))
_BOOL_METHODS = frozenset(("all", "exists", "exists_one", "existsOne", "startsWith", "endsWith", "matches"))
_CONVERSIONS = frozenset(("bool", "bytes", "double", "int", "string", "uint"))
_LITERALS = {bool: "bool", int: "int", float: "double", str: "string", bytes: "bytes", type(None): "null_type"}


def result_type(tree: Expression, dynamic: frozenset[str], variables: Mapping[str, str]) -> str:
    """The name of CEL's type for `tree`; `UNKNOWN` where a library, a field's type or an overload decides it.

    `dynamic` lists identifiers declared without a type: what is selected from them has the type `DYNAMIC`, which no
    compiler takes for another. `variables` has the types of the fields of `variables`.
    """
    if isinstance(tree, Literal):
        return _LITERALS.get(type(tree.value), UNKNOWN)
    if isinstance(tree, ListOf):
        return "list"
    if isinstance(tree, MapOf):
        return "map"
    if isinstance(tree, Identifier | Select):
        return _of_path(tree, dynamic, variables)
    return _of_call(tree, dynamic, variables) if isinstance(tree, Call) else UNKNOWN


def _of_path(tree: Expression, dynamic: frozenset[str], variables: Mapping[str, str]) -> str:
    fields: list[str] = []
    while isinstance(tree, Select):
        if tree.optional:
            return UNKNOWN
        fields.append(tree.field)
        tree = tree.operand
    if not isinstance(tree, Identifier):
        return UNKNOWN
    if tree.name in dynamic:
        return DYNAMIC
    if tree.name == "variables" and fields:
        known = variables.get(fields[-1], UNKNOWN)
        return known if len(fields) == 1 or known == DYNAMIC else UNKNOWN
    return UNKNOWN


def _of_call(call: Call, dynamic: frozenset[str], variables: Mapping[str, str]) -> str:
    if call.target is not None:
        return "bool" if call.function in _BOOL_METHODS else UNKNOWN
    if call.function in _BOOL_OPERATORS or call.function == "has":
        return "bool"
    if call.function in _CONVERSIONS and len(call.arguments) == 1:
        return call.function
    if call.function == "size":
        return "int"
    if call.function == "_?_:_":
        first, second = (result_type(each, dynamic, variables) for each in call.arguments[1:])
        return first if first == second else UNKNOWN
    return UNKNOWN
