"""Expressions: text in, something that can be evaluated many times out."""

import time
import warnings
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from policylint.engine.errors import EvaluationError
from policylint.engine.jmespath.functions import functions
from policylint.engine.jmespath.interpreter import Compiler, Node, Step
from policylint.engine.jmespath.signature import Environment

_TOO_DEEP = "the JMESPath expression is nested too deeply"


class Query:
    """A compiled expression."""

    def __init__(self, expression: str, step: Step) -> None:
        self.expression = expression
        self._step = step

    def search(self, data: Any, *, clock: Callable[[], int] = time.time_ns, seed: str = "") -> Any:
        """What the expression makes of `data`, whose numbers are to be floats (see `values`).

        `clock` gives nanoseconds since 1970. `seed` decides what `random` yields: the same text in every run for the
        same seed and pattern. The result shares parts with `data` and with the expression: it is not to be changed.
        Raises MissingVariable for a key that is not there, EvaluationError for anything else that fails.
        """
        try:
            return self._step(data, Environment(clock, seed))
        except RecursionError:
            raise EvaluationError(_TOO_DEEP) from None


@lru_cache(maxsize=8192)
def compile(expression: str) -> Query:  # noqa: A001 -- read as jmespath.compile
    """The query that `expression` is. Raises EvaluationError that names the position for what is no JMESPath."""
    try:
        return Query(expression, Compiler(functions()).compile(_parse(expression)))
    except RecursionError:
        raise EvaluationError(f"invalid JMESPath: {_TOO_DEEP}") from None


def _parse(expression: str) -> Node:
    from jmespath.exceptions import EmptyExpressionError, ParseError

    try:
        with warnings.catch_warnings():
            # text in backquotes that is no JSON: Python's parser takes it for a string, Go's does not
            warnings.simplefilter("error", PendingDeprecationWarning)
            node: Node = _parser()().parse(expression).parsed
    except EmptyExpressionError:
        raise EvaluationError("invalid JMESPath: the expression is empty") from None
    except ParseError as error:
        raise EvaluationError(_explained(expression, error)) from error
    except PendingDeprecationWarning:
        raise EvaluationError(f"invalid JMESPath {expression!r}: a literal in backquotes is not JSON") from None
    except ValueError as error:  # Python refuses to convert very long digit strings
        raise EvaluationError(f"invalid JMESPath: {error}") from error
    return node


def _explained(expression: str, error: Any) -> str:
    what = getattr(error, "message", None)
    if what is None:
        what = "it ends too early" if error.token_value in (None, "") else f"unexpected {error.token_value!r}"
    return f"invalid JMESPath {expression!r}: {what} at column {error.lex_position + 1}"


@cache
def _parser() -> Any:
    from jmespath.parser import Parser

    class GoParser(Parser):  # type: ignore[misc]
        """Python's parser, except that a slice after an index begins a projection, as in the specification."""

        def _token_led_lbracket(self, left: Node) -> Node:
            if left["type"] == "index_expression" and self._current_token() in ("number", "colon"):
                node: Node = self._project_if_slice(left, self._parse_index_expression())
                return node
            return super()._token_led_lbracket(left)  # type: ignore[no-any-return]

    return GoParser
