"""Names that an expression takes from outside."""

from collections.abc import Iterator

from policylint.engine.cel.nodes import Call, Expression, Identifier, children

# how many of the arguments are variables of the macro: ext/comprehensions and ext/lists of cel-go besides the standard
_VARIABLES = {
    "all": 1, "exists": 1, "exists_one": 1, "existsOne": 1, "map": 1, "filter": 1, "sortBy": 1,
    "transformList": 1, "transformMap": 1, "transformMapEntry": 1, "optMap": 1, "optFlatMap": 1, "bind": 1,
}  # fmt: skip
_TYPES = frozenset(
    ("bool", "bytes", "double", "duration", "dyn", "int", "list", "map", "null_type", "string", "timestamp", "type",
     "uint", "google", "optional_type", "cel", "math", "base64", "optional", "net", "kubernetes")
)  # fmt: skip


def free_names(tree: Expression) -> Iterator[Identifier]:
    """Every identifier of `tree` that no macro of it binds and that is no type or namespace of CEL's own."""
    waiting: list[tuple[Expression, frozenset[str]]] = [(tree, frozenset())]
    while waiting:
        node, bound = waiting.pop()
        if isinstance(node, Identifier):
            if node.name not in bound and node.name.lstrip(".") not in _TYPES:
                yield node
            continue
        inner = bound
        skipped = 0
        if isinstance(node, Call) and node.target is not None and node.function in _VARIABLES:
            # two variables stand where a macro has one argument more than it needs: all(k, v, predicate)
            names = [argument.name for argument in node.arguments[:-1][:2] if isinstance(argument, Identifier)]
            skipped = len(names) if node.function != "bind" else 1
            inner = bound | set(names)
        if isinstance(node, Call) and node.target is not None:
            waiting.extend((argument, inner) for argument in reversed(node.arguments[skipped:]))
            waiting.append((node.target, bound))
        else:
            waiting.extend((child, inner) for child in reversed(children(node)))
