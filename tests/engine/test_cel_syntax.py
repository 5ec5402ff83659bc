"""CEL's grammar: trees, literals, and where an error is."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.cel import Call, CelSyntaxError, Identifier, Literal, Select, parse, walk
from policylint.engine.cel.names import free_names
from policylint.engine.cel.nodes import Expression, ListOf, MapOf, Message, Uint

LARGEST = 2**63 - 1


def shown(node: Expression) -> str:
    """A tree as text in which everything is in parentheses."""
    if isinstance(node, Literal):
        return repr(node.value)
    if isinstance(node, Identifier):
        return node.name
    if isinstance(node, Select):
        return f"({shown(node.operand)}{'.?' if node.optional else '.'}{node.field})"
    if isinstance(node, Call):
        target = [] if node.target is None else [shown(node.target) + " ."]
        return f"({' '.join([*target, node.function, *map(shown, node.arguments)])})"
    if isinstance(node, ListOf):
        return f"[{', '.join(map(shown, node.elements))}]"
    if isinstance(node, MapOf):
        return "{" + ", ".join(f"{shown(key)}: {shown(value)}" for key, value in node.entries) + "}"
    return node.type + "{" + ", ".join(f"{name}: {shown(value)}" for name, value in node.fields) + "}"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3 - 4", "(_-_ (_+_ 1 (_*_ 2 3)) 4)"),
        ("a || b && c == d", "(_||_ a (_&&_ b (_==_ c d)))"),
        ("a ? b : c ? d : e", "(_?_:_ a b (_?_:_ c d e))"),
        ("x in [1, 2,]", "(@in x [1, 2])"),
        ("!!a", "(!_ (!_ a))"),
        ("-a.b", "(-_ (a.b))"),
        ("-5 - -5", "(_-_ -5 -5)"),
        ("-(5)", "(-_ 5)"),
        ("--5", "(-_ -5)"),
        ("object.spec.?replicas.orValue(1) >= 2u", "(_>=_ (((object.spec).?replicas) . orValue 1) 2)"),
        ("object.metadata.labels[?'a/b']", "(_[?_] ((object.metadata).labels) 'a/b')"),
        ("object.metadata.labels.`a/b-c`", "(((object.metadata).labels).a/b-c)"),
        ("object.for", "(object.for)"),
        ("has(a.b) && a.b.all(c, c > 0)", "(_&&_ (has (a.b)) ((a.b) . all c (_>_ c 0)))"),
        ("{'a': 1, ?'b': c}", "{'a': 1, 'b': c}"),
        ("Object.spec{a: 1, b: Object.spec.b{}}", "Object.spec{a: 1, b: Object.spec.b{}}"),
        (".google.type", "((.google.type))"),
        ("// a comment\n1 // another", "1"),
        ("1.5e3 + .5", "(_+_ 1500.0 0.5)"),
    ],
)
def test_trees(text: str, tree: str) -> None:
    expected = "(.google.type)" if text == ".google.type" else tree
    assert shown(parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"'a\n\'\x41\u00e9\U0001F600\101'", "a\n'Aé😀A"),
        (r"r'a\n'", r"a\n"),
        ('"""two\nlines "quoted" here"""', 'two\nlines "quoted" here'),
        (r"b'\xff\101é'", b"\xffA\xc3\xa9"),
        (r"br'\x41'", rb"\x41"),
        ("0xFf", 255),
        ("18446744073709551615u", 2**64 - 1),
        ("-9223372036854775808", -(2**63)),
        ("true", True),
        ("null", None),
    ],
)
def test_literals(text: str, value: object) -> None:
    tree = parse(text)
    assert isinstance(tree, Literal)
    assert tree.value == value
    assert isinstance(tree.value, Uint) == text.endswith("u")


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("", 0, "the expression ends where a value is expected"),
        ("a &&", 4, "the expression ends where a value is expected"),
        ("a b", 2, "`b` stands where the end is expected"),
        ("object.metadata.keys(@)", 21, "'@' has no meaning in CEL"),
        ("a = b", 2, "'=' has no meaning in CEL"),
        ("(a", 2, "the expression ends where `)` is expected"),
        ("'abc", 0, "a string that starts here has no end"),
        (r"'\q'", 0, r"\q is no escape of CEL"),
        (r"b'\u0041'", 0, r"\u0041 is no character here"),
        ("for + 1", 0, "`for` is a reserved word"),
        ("!-a", 1, "`!` and `-` do not stand beside each other without parentheses"),
        ("9223372036854775808", 0, "9223372036854775808 is larger than 64 bits hold"),
        ("18446744073709551616u", 0, "18446744073709551616u is larger than 64 bits hold"),
        ("has(a)", 4, "has() takes a field, as in has(object.spec)"),
        ("a.all(b.c, true)", 8, "the variable of all() is to be a plain name"),
        ("(" * 300 + "a" + ")" * 300, 100, "this is nested more than 100 deep"),
        ("a." + "'", 2, "a string that starts here has no end"),
    ],
)
def test_errors_say_where(text: str, at: int, message: str) -> None:
    with pytest.raises(CelSyntaxError) as caught:
        parse(text)
    assert (str(caught.value), caught.value.at) == (message, at)


def test_a_long_chain_is_no_deep_nesting() -> None:
    tree = parse(" || ".join(["a"] * 5000))
    assert sum(isinstance(node, Identifier) for node in walk(tree)) == 5000
    assert isinstance(parse("a ? 1 : " * 5000 + "2"), Call)


@given(st.text(alphabet="ab01.()[]{}?:,!-+*&|<=>'\"\\ur \n@`in", max_size=30))
def test_any_text_is_a_tree_or_an_error_with_its_place(text: str) -> None:
    try:
        places = [node.at for node in walk(parse(text))]
    except CelSyntaxError as error:
        places = [error.at]
    assert all(0 <= place <= len(text) for place in places)


@given(st.integers(min_value=-(2**63), max_value=LARGEST))
def test_every_integer_is_read_back(value: int) -> None:
    tree = parse(str(value))
    assert isinstance(tree, Literal)
    assert tree.value == value


def test_the_conformance_suite_parses(corpora: Path) -> None:
    cases = json.loads((corpora / "cel" / "conformance.json").read_text(encoding="utf-8"))
    assert cases
    for case in cases:
        assert list(walk(parse(case["expr"]))), case["name"]


def test_a_message_is_told_from_a_map() -> None:
    assert isinstance(parse("a.b{c: 1}"), Message)
    assert isinstance(parse("{'c': 1}"), MapOf)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("object.spec.containers.all(c, c.image.startsWith(prefix))", ["object", "prefix"]),
        ("m.exists(k, v, k == v && w)", ["m", "w"]),
        ("cel.bind(x, request.name, x + x)", ["request"]),
        ("xs.map(x, x > 0, x + y) + [x]", ["xs", "y", "x"]),
        ("type(object) == string && duration('1h') < d", ["object", "d"]),
        ("Object.spec{replicas: n}", ["n"]),
    ],
)
def test_names_that_come_from_outside(text: str, names: list[str]) -> None:
    assert [name.name for name in free_names(parse(text))] == names
