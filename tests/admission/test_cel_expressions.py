"""What an API server's compiler would refuse of an expression, without types."""

import pytest

from policylint.admission.cel import MATCH_CONDITION_NAMES, expression_problems
from policylint.model import YamlPath

PATH = YamlPath.of("spec", "matchConditions", 0, "expression")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this expression is empty: the API server refuses it"),
        (
            '!("ownerReferences" in request.object.metadata.keys(@))',
            "this is not a CEL expression: '@' has no meaning in CEL, at character 53, before `@))`;"
            " the API server refuses it",
        ),
        (
            "request.name ==",
            "this is not a CEL expression: the expression ends where a value is expected; the API server refuses it",
        ),
        (
            "params.name == 'a'",
            "params is not declared here (at character 1, before `params.name == 'a'`):"
            " the API server refuses this expression",
        ),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    [problem] = expression_problems(text, PATH, "the API server", MATCH_CONDITION_NAMES)
    assert (problem.path, problem.message) == (PATH, message)


@pytest.mark.parametrize("text", ["object.metadata.name != 'a'", "!(request.userInfo.groups.exists(g, g == 'x'))"])
def test_what_compiles(text: str) -> None:
    assert list(expression_problems(text, PATH, "the API server", MATCH_CONDITION_NAMES)) == []
