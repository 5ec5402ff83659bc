"""What a function is, and the checks before it is called.

As pkg/engine/jmespath/typecheck.go and error.go in kyverno/kyverno, for the functions of go-jmespath as well.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from policylint.engine.errors import EvaluationError
from policylint.engine.jmespath.values import kind_of

Kinds = tuple[str, ...]

ANY: Kinds = ("any",)
STRING: Kinds = ("string",)
NUMBER: Kinds = ("number",)
ARRAY: Kinds = ("array",)
OBJECT: Kinds = ("object",)
EXPRESSION: Kinds = ("expref",)
STRING_OR_NUMBER: Kinds = ("string", "number")
OBJECT_OR_ARRAY: Kinds = ("object", "array")


class Environment(NamedTuple):
    """What an evaluation may ask of the world: the time in nanoseconds since 1970, and a seed for random texts."""

    clock: Callable[[], int]
    seed: str


class Function(NamedTuple):
    """One function. `handler` takes the checked arguments, after the environment when `asks` says so.

    A variadic function's last parameter stands for one or more arguments; without parameters nothing is checked.
    """

    name: str
    parameters: tuple[Kinds, ...]
    handler: Callable[..., Any]
    variadic: bool = False
    asks: bool = False

    def call(self, arguments: list[Any], environment: Environment) -> Any:
        """The function's result. Raises EvaluationError for wrong arguments and whatever the function refuses."""
        if self.parameters:
            self._check(arguments)
        try:
            return self.handler(environment, *arguments) if self.asks else self.handler(*arguments)
        except ValueError as error:
            raise EvaluationError(f"JMESPath function '{self.name}': {error}") from error

    def _check(self, arguments: list[Any]) -> None:
        expected, given = len(self.parameters), len(arguments)
        if given < expected or (given > expected and not self.variadic):
            count = f"{'at least ' if self.variadic else ''}{expected} argument{'s' if expected > 1 else ''}"
            raise EvaluationError(f"JMESPath function '{self.name}': {count} expected, {given} given")
        for index, argument in enumerate(arguments):
            kinds = self.parameters[min(index, expected - 1)]
            if not any(_is(kind, argument) for kind in kinds):
                wanted = " or ".join(kinds)
                raise EvaluationError(
                    f"JMESPath function '{self.name}': argument #{index + 1} is not of type {wanted}"
                    f" (got {kind_of(argument)})"
                )


_TYPES: dict[str, type] = {"string": str, "number": float, "array": list, "object": dict}


def _is(kind: str, argument: Any) -> bool:
    known = _TYPES.get(kind)
    if known is not None:
        return isinstance(argument, known)
    if kind == "any":
        return True
    if kind == "expref":
        return callable(argument)
    of = float if kind == "array[number]" else str
    return isinstance(argument, list) and all(isinstance(item, of) for item in argument)
