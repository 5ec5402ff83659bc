"""GitHub's expressions, `${{ … }}`, read to a tree.

The grammar is the runner's own (actions/runner, src/Sdk/DTExpressions2: LexicalAnalyzer and ExpressionParser).
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

# The runner refuses deeper expressions (ExpressionConstants.MaxDepth); it also bounds our recursion.
MAX_DEPTH = 50

EMBEDDED = re.compile(r"\$\{\{((?:[^'}]|'[^']*'|\}(?!\}))*)\}\}")
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


class Embedded(NamedTuple):
    """An expression within a text, and the text that it was written as, braces included."""

    expression: Expression
    text: str


def split_template(text: str) -> tuple[str | Embedded, ...]:
    """The literal and the computed parts of a text, in order. Raises ExpressionError."""
    parts: list[str | Embedded] = []
    position = 0
    while (start := text.find("${{", position)) >= 0:
        match = EMBEDDED.match(text, start)
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


def _parts(expression: Expression) -> tuple[Expression, ...]:
    if isinstance(expression, Operation):
        return expression.operands
    if isinstance(expression, Literal):
        return ()
    keys = tuple(key for key in expression.keys if key is not None)
    return keys if isinstance(expression, Context) else (*expression.arguments, *keys)


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
