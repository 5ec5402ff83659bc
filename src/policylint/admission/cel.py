"""CEL expressions as far as an API server's compiler can be followed without types: their syntax and their names."""

from collections.abc import Iterator

from policylint.engine.cel import CelSyntaxError, parse
from policylint.engine.cel.names import free_names
from policylint.model import Problem, YamlPath

# what the API server declares for match conditions of webhooks (apiserver pkg/admission/plugin/cel/compile.go)
MATCH_CONDITION_NAMES = frozenset(("object", "oldObject", "request", "authorizer", "namespaceObject"))
_SHOWN = 40


def expression_problems(text: str, path: YamlPath, who: str, names: frozenset[str] = frozenset()) -> Iterator[Problem]:
    """What `who` (`Kyverno`, `the API server`) would not compile of the expression `text`, which stands at `path`.

    Names are judged when `names` lists those that are declared. Types are not judged.
    """
    if not text.strip():
        yield Problem(path, f"this expression is empty: {who} refuses it")
        return
    try:
        tree = parse(text)
    except CelSyntaxError as error:
        place = _place(text, error.at)
        said = f"{error}, {place}" if place else str(error)
        yield Problem(
            path,
            f"this is not a CEL expression: {said}; {who} refuses it",
            "correct the expression",
        )
        return
    for name in free_names(tree) if names else ():
        if name.name.lstrip(".") not in names:
            yield Problem(
                path,
                f"{name.name} is not declared here ({_place(text, name.at)}): {who} refuses this expression",
                f"it may use {', '.join(sorted(names))}",
            )
            return


def _place(text: str, at: int) -> str:
    near = text[at : at + _SHOWN].split("\n")[0]
    return f"at character {at + 1}, before `{near}`" if near else ""
