"""Scalars mean what sigs.k8s.io/yaml v1.6.0 and YAML 1.2's core schema make of them.

The Kubernetes column was read off `yaml.YAMLToJSON` of that release.
"""

import pytest

from policylint.document.scalars import KUBERNETES, WORKFLOW, Scalar, resolve_tagged

TABLE: list[tuple[str, Scalar, Scalar]] = [
    # text, in a manifest, in a workflow
    ("yes", True, "yes"),
    ("Off", False, "Off"),
    ("y", True, "y"),
    ("n", False, "n"),
    ("true", True, True),
    ("tRUE", "tRUE", "tRUE"),
    ("~", None, None),
    ("nUll", "nUll", "nUll"),
    ("012", 10, 12),
    ("0o14", 12, 12),
    ("0x1F", 31, 31),
    ("-0x1F", -31, "-0x1F"),
    ("0b11", 3, "0b11"),
    ("-0b11", -3, "-0b11"),
    ("08", 8, 8),
    ("1_000", 1000, "1_000"),
    (".5", 0.5, 0.5),
    (".5_0", 0.5, ".5_0"),
    ("._5", "._5", "._5"),
    ("5.0", 5, 5.0),
    ("1e3", 1000, 1000.0),
    ("1e400", "1e400", float("inf")),
    ("1e21", 1e21, 1e21),
    ("+12", 12, 12),
    ("12:30:45", "12:30:45", "12:30:45"),
    ("2001-01-01", "2001-01-01", "2001-01-01"),
    ("18446744073709551615", 18446744073709551615, 18446744073709551615),
    ("100000000000000000000000", 1e23, 100000000000000000000000),
    ("9007199254740993", 9007199254740993, 9007199254740993),
    ("0.1", 0.1, 0.1),
    ("1.2.3", "1.2.3", "1.2.3"),
    ("-", "-", "-"),
    ("0x", "0x", "0x"),
    ("0o8", "0o8", "0o8"),
]


@pytest.mark.parametrize(("text", "manifest", "workflow"), TABLE, ids=[row[0] for row in TABLE])
def test_plain_scalars(text: str, manifest: Scalar, workflow: Scalar) -> None:
    for dialect, expected in ((KUBERNETES, manifest), (WORKFLOW, workflow)):
        got = dialect.resolve(text)
        assert (type(got), got) == (type(expected), expected), dialect.name


@pytest.mark.parametrize("text", [".inf", "-.Inf", ".nan", "+.INF"])
def test_json_has_no_such_number(text: str) -> None:
    with pytest.raises(ValueError, match="not a number that JSON can hold"):
        KUBERNETES.resolve(text)
    assert isinstance(WORKFLOW.resolve(text), float) or text.startswith("+")


@pytest.mark.parametrize(
    ("text", "manifest", "workflow"),
    [("on", "true", "on"), ("off", "false", "off"), ("012", "10", "012"), (".inf", ".inf", ".inf"), ("a", "a", "a")],
)
def test_keys(text: str, manifest: str, workflow: str) -> None:
    assert KUBERNETES.key(text) == manifest
    assert WORKFLOW.key(text) == workflow


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        ("tag:yaml.org,2002:str", "1", "1"),
        ("tag:yaml.org,2002:int", "3", 3),
        ("tag:yaml.org,2002:bool", "yes", True),
        ("tag:yaml.org,2002:binary", "aGk=", "hi"),
        ("tag:yaml.org,2002:binary", "a", "a"),
        ("!reference", "job", "job"),
    ],
)
def test_tagged_scalars(tag: str, text: str, expected: Scalar) -> None:
    assert resolve_tagged(tag, text, KUBERNETES) == expected


def test_a_very_long_number_is_no_trap() -> None:
    assert KUBERNETES.resolve("9" * 5000) == "9" * 5000
    assert WORKFLOW.resolve("9" * 5000) == float("inf")
