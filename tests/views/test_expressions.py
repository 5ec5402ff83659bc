import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.model import YamlPath
from policylint.views.expression_values import Known, Outcome, Unknown, as_text, evaluate, truthy
from policylint.views.expressions import (
    Context,
    Embedded,
    ExpressionError,
    Literal,
    contexts,
    parse_expression,
    split_template,
)

PLACE = YamlPath.of("matrix", "os")


def lookup(context: str, keys: tuple[str | int, ...]) -> Outcome:
    if context == "matrix":
        cells: dict[tuple[str | int, ...], Outcome] = {
            ("os",): Known("linux", (PLACE,)),
            ("list",): Known([1], (PLACE,)),
            ("list", 0): Known(1, (PLACE,)),
            ("zero",): Known(0),
        }
        return cells.get(keys, Known(None))
    return Unknown(".".join(map(str, (context, *keys))))


def outcomes(text: str) -> list[object]:
    """Known values as they are, unknown ones as `?what`."""
    return [
        f"?{one.what}" if isinstance(one, Unknown) else one.value for one in evaluate(parse_expression(text), lookup)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'it''s'", ["it's"]),
        ("0x1F", [31]),
        ("-1.5e1", [-15]),
        ("TRUE", [True]),
        ("null", [None]),
        ("matrix.os", ["linux"]),
        ("matrix['os']", ["linux"]),
        ("matrix.list[0]", [1]),
        ("matrix.list[matrix.zero]", [1]),
        ("matrix.absent", [None]),
        ("MATRIX.os", ["linux"]),
        ("matrix.*", ["?matrix[*]"]),
        ("inputs.a.b", ["?inputs.a.b"]),
        ("matrix[inputs.key]", ["?matrix[inputs.key]"]),
        ("matrix[1 == 1]", ["?matrix[…]"]),
        ("format('{0}', 1).x", ["?format()"]),
        ("'a' || 'b'", ["a"]),
        ("'' || 'b'", ["b"]),
        ("matrix.absent || ''", [""]),
        ("inputs.a || vars.B", ["?inputs.a", "?vars.B"]),
        ("'a' && 'b'", ["b"]),
        ("'' && 'b'", [""]),
        ("inputs.c && 'a' || 'b'", ["a", "b"]),
        ("inputs.c == 'x' && 'a'", [False, "a"]),
        ("matrix.os == 'LINUX' && 'a' || 'b'", ["a"]),
        ("matrix.os != 'linux' && 'a' || 'b'", ["b"]),
        ("matrix.zero == '0'", [True]),
        ("1 < 2", ["?a comparison with <"]),
        ("matrix.list == 1", ["?a comparison with =="]),
        ("!matrix.zero", [True]),
        ("!inputs.a", ["?!inputs.a"]),
        ("!(matrix.os == 'linux') || 'x'", ["x"]),
        ("('a')", ["a"]),
        (" 'a' ", ["a"]),
    ],
)
def test_outcomes(text: str, expected: list[object]) -> None:
    assert outcomes(text) == expected


def test_places_of_known_values_are_kept() -> None:
    assert evaluate(parse_expression("inputs.a || matrix.os"), lookup) == (
        Unknown("inputs.a"),
        Known("linux", (PLACE,)),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "an expression is empty or ends too early"),
        ("a ||", "an expression is empty or ends too early"),
        ("f(", "an expression is empty or ends too early"),
        ("(a", "')' is missing in an expression"),
        ("a[1", "']' is missing in an expression"),
        ("a b", "'b' is not expected in an expression there"),
        ("a.", "a name is missing after a dot in an expression"),
        (")", "')' is not expected in an expression there"),
        ('"a"', "an expression cannot be read from '\"a\"' on"),
        ("(" * 2000 + "a", "an expression nests deeper than 50 levels"),
        ("!" * 2000 + "a", "an expression nests deeper than 50 levels"),
        ("a == " * 2000 + "a", "an expression nests deeper than 50 levels"),
        ("f(" * 2000, "an expression nests deeper than 50 levels"),
    ],
)
def test_refused(text: str, reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert str(caught.value) == reason


def test_long_chains_are_read() -> None:
    assert outcomes(" || ".join(["''"] * 5000 + ["'x'"])) == ["x"]


def test_template_is_split_into_its_parts() -> None:
    assert split_template("a${{ x }}b${{ '}}' }}") == (
        "a",
        Embedded(Context("x"), "${{ x }}"),
        "b",
        Embedded(Literal("}}"), "${{ '}}' }}"),
    )
    assert split_template("plain }}") == ("plain }}",)
    assert split_template("") == ()


def test_an_expression_that_is_not_closed_is_refused() -> None:
    with pytest.raises(ExpressionError, match="is not closed by }}"):
        split_template("a${{ x }")


def test_contexts() -> None:
    found = contexts(parse_expression("f(env.A, !matrix[vars.b]) && inputs.c == 1 || g().d[needs.x]"))
    assert list(found) == ["env", "matrix", "vars", "inputs", "needs"]


@pytest.mark.parametrize("value", [None, False, 0, 0.0, "", float("nan")])
def test_falsy(value: object) -> None:
    assert truthy(value) is False


@pytest.mark.parametrize("value", [True, 1, "0", "false", [], {}])
def test_truthy(value: object) -> None:
    assert truthy(value) is True


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (True, "true"), (20.0, "20"), (3.1, "3.1"), (18, "18"), ("x", "x")]
)
def test_as_text(value: object, text: str) -> None:
    assert as_text(value) == text


@given(st.text("ab'${}()[]|&=!<>.,* 01x-", max_size=40) | st.text())
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        parts = split_template("${{" + text + "}}")
    except ExpressionError as error:
        reason = str(error)
        parts = ()
    else:
        reason = "none needed"
    embedded = [part for part in parts if isinstance(part, Embedded)]
    assert reason
    assert all(evaluate(part.expression, lookup) for part in embedded)


@given(st.text())
def test_parts_make_up_the_text(text: str) -> None:
    try:
        parts = split_template(text)
    except ExpressionError:
        return
    assert "".join(part if isinstance(part, str) else part.text for part in parts) == text
