"""GitHub's expressions, `${{ … }}`: read in full, and evaluated as far as the file itself decides them.

Grammar and truthiness follow the runner's own (actions/runner, src/Sdk/DTExpressions2: LexicalAnalyzer,
ExpressionParser, EvaluationResult). Functions are not computed: a call's value is unknown.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from policylint.model import YamlPath

# The runner refuses deeper expressions (ExpressionConstants.MaxDepth); it also bounds our recursion.
MAX_DEPTH = 50

_EMBEDDED = re.compile(r"\$\{\{((?:[^'}]|'[^']*'|\}(?!\}))*)\}\}")
_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)"
    r"|(?P<number>[-+]?(?:0x[0-9a-fA-F]+|0o[0-7]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?))"
    r"|(?P<symbol>&&|\|\||==|!=|<=|>=|[<>!()\[\].,*]))"
)
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "nan": float("nan"), "infinity": float("inf")}
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


class ExpressionError(ValueError):
    """The text is not an expression; the message says why, as the end of a sentence."""


class Literal(NamedTuple):
    value: Any


class Context(NamedTuple):
    """`matrix.a['b'].*`: a context's name and the keys into it; None stands for `*`."""

    name: str
    keys: tuple["Expression | None", ...] = ()


class Call(NamedTuple):
    """A function call, and the keys into its result."""

    function: str
    arguments: tuple["Expression", ...]
    keys: tuple["Expression | None", ...] = ()


class Operation(NamedTuple):
    """`&&`, `||` and `!` with their operands, or a comparison of two."""

    operator: str
    operands: tuple["Expression", ...]


Expression = Literal | Context | Call | Operation


class Known(NamedTuple):
    """A value that the file decides, and the places of the file that it comes from."""

    value: Any
    places: tuple[YamlPath, ...] = ()


class Unknown(NamedTuple):
    """A value that only a run decides; `what` is the part of the expression that it hangs on."""

    what: str


Outcome = Known | Unknown
Lookup = Callable[[str, tuple[str | int, ...]], Outcome]
"""The value of a context (its name in lower case) at keys."""


class Embedded(NamedTuple):
    """An expression within a text, and the text that it was written as, braces included."""

    expression: Expression
    text: str


def split_template(text: str) -> tuple[str | Embedded, ...]:
    """The literal and the computed parts of a text, in order. Raises ExpressionError."""
    parts: list[str | Embedded] = []
    position = 0
    while (start := text.find("${{", position)) >= 0:
        match = _EMBEDDED.match(text, start)
        if match is None:
            raise ExpressionError("an expression that begins with ${{ is not closed by }}")
        if start > position:
            parts.append(text[position:start])
        parts.append(Embedded(parse_expression(match[1]), match[0]))
        position = match.end()
    if position < len(text):
        parts.append(text[position:])
    return tuple(parts)


def parse_expression(text: str) -> Expression:
    """The expression that stands between `${{` and `}}`. Raises ExpressionError."""
    parser = _Parser(list(_tokens(text)))
    expression = parser.either(0)
    parser.end()
    return expression


def contexts(expression: Expression) -> Iterator[str]:
    """The names of the contexts that an expression reads, in lower case, in order, with repetitions."""
    if isinstance(expression, Context):
        yield expression.name
    for part in _parts(expression):
        yield from contexts(part)


def evaluate(expression: Expression, lookup: Lookup) -> tuple[Outcome, ...]:
    """What the expression can come to: one known outcome, or one outcome for each way that a run may decide."""
    if isinstance(expression, Literal):
        return (Known(expression.value),)
    if isinstance(expression, Context):
        return (_read(expression, lookup),)
    if isinstance(expression, Call):
        return (Unknown(f"{expression.function}()"),)
    if expression.operator == "&&":
        return tuple(_all_of(expression.operands, lookup))
    if expression.operator == "||":
        return tuple(_first_of(expression.operands, lookup))
    if expression.operator == "!":
        return _negate(evaluate(expression.operands[0], lookup))
    return (_compare(expression, lookup),)


def truthy(value: Any) -> bool:
    """Whether GitHub takes a value for true: all but false, 0, NaN, the empty string and null."""
    if isinstance(value, list | dict):
        return True
    return bool(value) and value == value  # NaN is not equal to itself


def as_text(value: Any) -> str:
    """A scalar as GitHub prints it into a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)


def same(left: Any, right: Any) -> bool:
    """Whether two scalars are equal to GitHub, which compares loosely and ignores the case of strings."""
    return as_text(left).casefold() == as_text(right).casefold()


def _parts(expression: Expression) -> tuple[Expression, ...]:
    if isinstance(expression, Operation):
        return expression.operands
    if isinstance(expression, Literal):
        return ()
    keys = tuple(key for key in expression.keys if key is not None)
    return keys if isinstance(expression, Context) else (*expression.arguments, *keys)


def _read(context: Context, lookup: Lookup) -> Outcome:
    shown = context.name
    keys: list[str | int] = []
    places: tuple[YamlPath, ...] = ()
    for key in context.keys:
        outcomes = evaluate(key, lookup) if key is not None else (Unknown("*"),)
        only = outcomes[0] if len(outcomes) == 1 else Unknown("…")
        if isinstance(only, Unknown):
            return Unknown(f"{shown}[{only.what}]")
        if isinstance(only.value, bool) or not isinstance(only.value, str | int):
            return Unknown(f"{shown}[…]")
        keys.append(only.value)
        places += only.places
        shown += f".{only.value}"
    found = lookup(context.name, tuple(keys))
    return found if isinstance(found, Unknown) else Known(found.value, (*found.places, *places))


def _all_of(operands: tuple[Expression, ...], lookup: Lookup) -> Iterator[Outcome]:
    """`a && b`: the first false operand, else the last. An undecided condition also leaves a way that is false."""
    for operand in operands[:-1]:
        outcomes = evaluate(operand, lookup)
        yield from (one for one in outcomes if isinstance(one, Known) and not truthy(one.value))
        if any(isinstance(one, Unknown) for one in outcomes):
            yield Known(False)
        elif not any(isinstance(one, Known) and truthy(one.value) for one in outcomes):
            return
    yield from evaluate(operands[-1], lookup)


def _first_of(operands: tuple[Expression, ...], lookup: Lookup) -> Iterator[Outcome]:
    """`a || b`: the first true operand, else the last."""
    for operand in operands[:-1]:
        outcomes = evaluate(operand, lookup)
        yield from (one for one in outcomes if isinstance(one, Unknown) or truthy(one.value))
        if all(isinstance(one, Known) and truthy(one.value) for one in outcomes):
            return
    yield from evaluate(operands[-1], lookup)


def _negate(outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    return tuple(
        Unknown(f"!{one.what}") if isinstance(one, Unknown) else Known(not truthy(one.value), one.places)
        for one in outcomes
    )


def _compare(comparison: Operation, lookup: Lookup) -> Outcome:
    left, right = (evaluate(operand, lookup) for operand in comparison.operands)
    undecided = Unknown(f"a comparison with {comparison.operator}")
    if comparison.operator not in ("==", "!=") or len(left) != 1 or len(right) != 1:
        return undecided
    one, other = left[0], right[0]
    if isinstance(one, Unknown) or isinstance(other, Unknown) or isinstance(one.value, list | dict):
        return undecided
    equal = same(one.value, other.value)
    return Known(equal if comparison.operator == "==" else not equal)


class _Token(NamedTuple):
    kind: str
    text: str


_END = _Token("end", "")


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise ExpressionError(f"an expression cannot be read from {text[position:].strip()[:30]!r} on")
        yield _Token(match.lastgroup, match[match.lastgroup])
        position = match.end()


class _Parser:
    """Recursive descent over tokens; `depth` counts open brackets and negations."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0

    def end(self) -> None:
        if self._peek() is not _END:
            raise ExpressionError(f"{self._peek().text!r} is not expected in an expression there")

    def either(self, depth: int) -> Expression:
        return self._chain("||", depth, lambda: self._chain("&&", depth, lambda: self._comparison(depth)))

    def _chain(self, operator: str, depth: int, operand: Callable[[], Expression]) -> Expression:
        if depth > MAX_DEPTH:
            raise ExpressionError(f"an expression nests deeper than {MAX_DEPTH} levels")
        operands = [operand()]
        while self._take(operator):
            operands.append(operand())
        return operands[0] if len(operands) == 1 else Operation(operator, tuple(operands))

    def _comparison(self, depth: int) -> Expression:
        left = self._unary(depth)
        folded = 0
        while self._peek().kind == "symbol" and self._peek().text in _COMPARISONS:
            folded += 1
            if folded > MAX_DEPTH:
                raise ExpressionError(f"an expression nests deeper than {MAX_DEPTH} levels")
            left = Operation(self._advance().text, (left, self._unary(depth)))
        return left

    def _unary(self, depth: int) -> Expression:
        if self._take("!"):
            if depth > MAX_DEPTH:
                raise ExpressionError(f"an expression nests deeper than {MAX_DEPTH} levels")
            return Operation("!", (self._unary(depth + 1),))
        return self._value(depth)

    def _value(self, depth: int) -> Expression:
        token = self._advance()
        if token.kind == "string":
            return Literal(token.text[1:-1].replace("''", "'"))
        if token.kind == "number":
            return Literal(_number(token.text))
        if token.text == "(":
            inside = self.either(depth + 1)
            self._expect(")")
            return inside
        if token.kind != "name":
            raise ExpressionError(f"{token.text!r} is not expected in an expression there" if token.text else _EMPTY)
        if self._take("("):
            arguments = tuple(self._arguments(depth))
            return Call(token.text, arguments, tuple(self._keys(depth)))
        if token.text.lower() in _WORDS:
            return Literal(_WORDS[token.text.lower()])
        return Context(token.text.lower(), tuple(self._keys(depth)))

    def _arguments(self, depth: int) -> Iterator[Expression]:
        if self._take(")"):
            return
        yield self.either(depth + 1)
        while self._take(","):
            yield self.either(depth + 1)
        self._expect(")")

    def _keys(self, depth: int) -> Iterator[Expression | None]:
        while True:
            if self._take("."):
                token = self._advance()
                if token.kind != "name" and token.text != "*":
                    raise ExpressionError("a name is missing after a dot in an expression")
                yield Literal(token.text) if token.kind == "name" else None
            elif self._take("["):
                if self._take("*"):
                    yield None
                else:
                    yield self.either(depth + 1)
                self._expect("]")
            else:
                return

    def _peek(self) -> _Token:
        return self._tokens[self._next] if self._next < len(self._tokens) else _END

    def _advance(self) -> _Token:
        token = self._peek()
        self._next += 1
        return token

    def _take(self, symbol: str) -> bool:
        token = self._peek()
        taken = token.kind == "symbol" and token.text == symbol
        self._next += taken
        return taken

    def _expect(self, symbol: str) -> None:
        if not self._take(symbol):
            raise ExpressionError(f"{symbol!r} is missing in an expression")


_EMPTY = "an expression is empty or ends too early"


def _number(text: str) -> int | float:
    if "x" in text or "o" in text:
        return int(text, 0)
    number = float(text)
    return int(number) if number.is_integer() else number
