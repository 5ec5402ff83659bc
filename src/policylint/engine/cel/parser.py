"""CEL text to a tree: operators by precedence, everything else by descent."""

from typing import NamedTuple

from policylint.engine.cel.lexer import LARGEST, Token, tokens
from policylint.engine.cel.nodes import (
    Call,
    CelSyntaxError,
    Expression,
    Identifier,
    ListOf,
    Literal,
    MapOf,
    Message,
    Select,
)

# binary operators bind to the left; a larger number binds tighter. `?:` is weaker than all.
_BINARY = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!=", "in"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%"), 5),
}
_RESERVED = frozenset((
    "as", "break", "const", "continue", "else", "for", "function", "if", "import",
    "let", "loop", "namespace", "package", "return", "var", "void", "while",
))  # fmt: skip
_MACROS = {"all": (2, 3), "exists": (2, 3), "exists_one": (2, 3), "existsOne": (2, 3), "map": (2, 3, 4), "filter": (2,)}
# the reader follows itself down: an interpreter has room for this many of its steps
_DEEPEST = 100


class _Waiting(NamedTuple):
    operator: Token
    left: Expression


def parse(text: str) -> Expression:
    """The tree of `text`. Raises CelSyntaxError for what the grammar or the standard macros do not take."""
    parser = _Parser(tokens(text))
    tree = parser.expression()
    parser.expect("end")
    return tree


def is_identifier(text: str) -> bool:
    """Whether `text` may be the name of a variable."""
    try:
        return isinstance(parse(text), Identifier) and "." not in text
    except CelSyntaxError:
        return False


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._next = 0
        self._depth = 0

    @property
    def _here(self) -> Token:
        return self._tokens[self._next]

    def _take(self, *kinds: str) -> Token | None:
        token = self._here
        if token.kind not in kinds:
            return None
        self._next += 1
        return token

    def expect(self, kind: str) -> Token:
        token = self._take(kind)
        if token is None:
            raise self._unexpected("the end" if kind == "end" else "a name" if kind == "name" else f"`{kind}`")
        return token

    def _unexpected(self, wanted: str) -> CelSyntaxError:
        token = self._here
        what = "the expression ends" if token.kind == "end" else f"`{token.text}` stands"
        return CelSyntaxError(f"{what} where {wanted} is expected", token.at)

    def expression(self) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise CelSyntaxError(f"this is nested more than {_DEEPEST} deep", self._here.at)
        # a condition's branches are gathered here, so that a chain of `?:` needs no recursion
        conditions: list[tuple[Token, Expression, Expression]] = []
        while True:
            value = self._binary()
            mark = self._take("?")
            if mark is None:
                break
            then = self.expression()
            self.expect(":")
            conditions.append((mark, value, then))
        for mark, condition, then in reversed(conditions):
            value = Call("_?_:_", None, (condition, then, value), mark.at)
        self._depth -= 1
        return value

    def _binary(self) -> Expression:
        waiting: list[_Waiting] = []
        value = self._unary()
        while True:
            token = self._here
            strength = _BINARY.get(token.kind, 0)
            while waiting and _BINARY[waiting[-1].operator.kind] >= strength:
                operator, left = waiting.pop()
                function = "@in" if operator.kind == "in" else f"_{operator.kind}_"
                value = Call(function, None, (left, value), operator.at)
            if not strength:
                return value
            self._next += 1
            waiting.append(_Waiting(token, value))
            value = self._unary()

    def _unary(self) -> Expression:
        operators: list[Token] = []
        while (token := self._take("!", "-")) is not None:
            if operators and operators[0].kind != token.kind:
                raise CelSyntaxError("`!` and `-` do not stand beside each other without parentheses", token.at)
            operators.append(token)
        # a number takes the minus sign before it: the smallest integer has no positive counterpart
        negative = bool(operators) and operators[0].kind == "-" and type(self._here.value) in (int, float)
        if negative:
            operators.pop()
        value = self._member(negative)
        for token in reversed(operators):
            value = Call(f"{token.kind}_", None, (value,), token.at)
        return value

    def _member(self, negative: bool) -> Expression:
        value = self._primary(negative)
        while (token := self._take(".", "[")) is not None:
            if token.kind == "[":
                optional = self._take("?") is not None
                index = self.expression()
                self.expect("]")
                value = Call("_[?_]" if optional else "_[_]", None, (value, index), token.at)
                continue
            optional = self._take("?") is not None
            name = self._take("field") or self.expect("name")
            if self._here.kind == "(" and name.kind == "name" and not optional:
                value = _method(value, name, self._arguments())
            else:
                value = Select(value, name.text, optional, name.at)
        return value

    def _arguments(self) -> tuple[Expression, ...]:
        self.expect("(")
        found: list[Expression] = []
        if self._take(")") is None:
            found.append(self.expression())
            while self._take(",") is not None:
                found.append(self.expression())
            self.expect(")")
        return tuple(found)

    def _primary(self, negative: bool) -> Expression:
        token = self._here
        if token.kind == "literal":
            self._next += 1
            return Literal(_ranged(token, negative), token.at)
        if token.kind in ("name", "."):
            return self._named()
        self._next += 1
        if token.kind == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        if token.kind == "[":
            return self._list(token)
        if token.kind == "{":
            return self._map(token)
        self._next -= 1
        raise self._unexpected("a value")

    def _named(self) -> Expression:
        dot = self._take(".")
        name = self.expect("name")
        prefix = "." if dot is not None else ""
        if self._here.kind == "(":
            return _function(name, prefix, self._arguments())
        end = self._end_of_type()
        if end is not None:
            parts = [name.text, *(token.text for token in self._tokens[self._next : end] if token.kind == "name")]
            self._next = end + 1
            return self._message(prefix + ".".join(parts), name.at)
        if name.text in _RESERVED:
            raise CelSyntaxError(f"`{name.text}` is a reserved word", name.at)
        return Identifier(prefix + name.text, name.at)

    def _end_of_type(self) -> int | None:
        """The index of the `{` that makes the names from here a type's, when there is one."""
        at = self._next
        while self._tokens[at].kind == "." and self._tokens[at + 1].kind == "name":
            at += 2
        return at if self._tokens[at].kind == "{" else None

    def _list(self, start: Token) -> Expression:
        elements: list[Expression] = []
        optional: list[int] = []
        while self._take("]") is None:
            if self._take("?") is not None:
                optional.append(len(elements))
            elements.append(self.expression())
            if self._take(",") is None:
                self.expect("]")
                break
        return ListOf(tuple(elements), tuple(optional), start.at)

    def _map(self, start: Token) -> Expression:
        entries: list[tuple[Expression, Expression]] = []
        optional: list[int] = []
        while self._take("}") is None:
            if self._take("?") is not None:
                optional.append(len(entries))
            key = self.expression()
            self.expect(":")
            entries.append((key, self.expression()))
            if self._take(",") is None:
                self.expect("}")
                break
        return MapOf(tuple(entries), tuple(optional), start.at)

    def _message(self, type_name: str, at: int) -> Expression:
        fields: list[tuple[str, Expression]] = []
        optional: list[int] = []
        while self._take("}") is None:
            if self._take("?") is not None:
                optional.append(len(fields))
            field = self._take("field") or self.expect("name")
            self.expect(":")
            fields.append((field.text, self.expression()))
            if self._take(",") is None:
                self.expect("}")
                break
        return Message(type_name, tuple(fields), tuple(optional), at)


def _ranged(token: Token, negative: bool) -> bool | int | float | str | bytes | None:
    value: bool | int | float | str | bytes | None = token.value
    if type(value) is int and value > LARGEST and not negative:
        raise CelSyntaxError(f"{token.text} is larger than 64 bits hold", token.at)
    return -value if negative and type(value) in (int, float) and isinstance(value, int | float) else value


def _function(name: Token, prefix: str, arguments: tuple[Expression, ...]) -> Expression:
    if name.text == "has" and not prefix and len(arguments) == 1 and not isinstance(arguments[0], Select):
        raise CelSyntaxError("has() takes a field, as in has(object.spec)", arguments[0].at)
    return Call(prefix + name.text, None, arguments, name.at)


def _method(target: Expression, name: Token, arguments: tuple[Expression, ...]) -> Expression:
    if len(arguments) in _MACROS.get(name.text, ()):
        variables = (
            arguments[: len(arguments) - 1]
            if name.text in ("all", "exists", "exists_one", "existsOne")
            else arguments[:1]
        )
        for variable in variables:
            if not isinstance(variable, Identifier):
                raise CelSyntaxError(f"the variable of {name.text}() is to be a plain name", variable.at)
    return Call(name.text, target, arguments, name.at)
