"""What type an expression of CEL shows by itself."""

import pytest

from policylint.engine.cel import parse
from policylint.engine.cel.results import DYNAMIC, UNKNOWN, result_type

OBJECTS = frozenset(("object", "oldObject"))
VARIABLES = {"count": "int", "spec": DYNAMIC, "call": UNKNOWN}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", "bool"),
        ("1", "int"),
        ("1u", UNKNOWN),
        ("1.5", "double"),
        ("'a'", "string"),
        ("b'a'", "bytes"),
        ("null", "null_type"),
        ("[1]", "list"),
        ("{'a': 1}", "map"),
        ("Object{}", UNKNOWN),
        ("object.spec.paused", DYNAMIC),
        ("object", DYNAMIC),
        ("object.?spec.paused", UNKNOWN),
        ("object.spec.items[0]", UNKNOWN),
        ("request.name", UNKNOWN),
        ("f().name", UNKNOWN),
        ("variables", UNKNOWN),
        ("variables.count", "int"),
        ("variables.count.more", UNKNOWN),
        ("variables.spec.more", DYNAMIC),
        ("variables.call", UNKNOWN),
        ("variables.other", UNKNOWN),
        ("1 < 2", "bool"),
        ("!object.spec.paused", "bool"),
        ("'a' in object.metadata.labels", "bool"),
        ("has(object.spec)", "bool"),
        ("object.spec.items.all(i, i > 0)", "bool"),
        ("object.metadata.name.startsWith('a')", "bool"),
        ("object.spec.items.map(i, i)", UNKNOWN),
        ("string(object.spec.replicas)", "string"),
        ("size(object.spec.items)", "int"),
        ("1 + 1", UNKNOWN),
        ("quantity('1')", UNKNOWN),
        ("true ? 'a' : 'b'", "string"),
        ("true ? 'a' : object.spec", UNKNOWN),
    ],
)
def test_the_type_of_an_expression(text: str, expected: str) -> None:
    assert result_type(parse(text), OBJECTS, VARIABLES) == expected
