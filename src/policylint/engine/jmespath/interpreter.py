"""From the syntax tree of Python's `jmespath` parser to functions of a value.

The dialect is kyverno/go-jmespath: a key that an object does not have is an error (MissingVariable), and only some
places take such an error for null: operands of comparisons, `||`, `!` and the left of `&&`, arguments of functions,
stages of a pipe, and what projections and multi-selects do with each element. A key of something that is no object is
null, as is an index out of range.
"""

import operator
from collections.abc import Callable
from typing import Any

from policylint.engine.errors import EvaluationError, MissingVariable
from policylint.engine.jmespath.signature import Environment, Function
from policylint.engine.jmespath.values import bounded, equal, is_false

Node = dict[str, Any]
Step = Callable[[Any, Environment], Any]

_ORDER: dict[str, Callable[[float, float], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


class Compiler:
    """Turns syntax trees into steps; `functions` are those that expressions may call."""

    def __init__(self, functions: dict[str, Function]) -> None:
        self._functions = functions

    def compile(self, node: Node) -> Step:
        """The step that evaluates `node`. Raises EvaluationError for a literal that Go's decoder refuses."""
        compile_kind: Callable[[Node], Step] = getattr(self, f"_{node['type']}")
        return compile_kind(node)

    def _children(self, node: Node) -> list[Step]:
        return [self.compile(child) for child in node["children"]]

    def _tolerant(self, node: Node) -> Step:
        return _tolerant(self.compile(node))

    def _identity(self, _: Node) -> Step:
        return lambda value, environment: value

    _current = _identity

    def _literal(self, node: Node) -> Step:
        literal = _literal_value(node["value"])
        return lambda value, environment: literal

    def _field(self, node: Node) -> Step:
        name = node["value"]
        message = f'Unknown key "{name}" in path'

        def field(value: Any, environment: Environment) -> Any:
            if not isinstance(value, dict):
                return None
            try:
                return value[name]
            except KeyError:
                raise MissingVariable(message) from None

        return field

    def _index(self, node: Node) -> Step:
        index = node["value"]

        def at(value: Any, environment: Environment) -> Any:
            return value[index] if isinstance(value, list) and -len(value) <= index < len(value) else None

        return at

    def _slice(self, node: Node) -> Step:
        start, stop, step = node["children"]
        if step == 0:
            raise EvaluationError("invalid JMESPath: the step of a slice cannot be 0")
        part = slice(start, stop, step)
        return lambda value, environment: value[part] if isinstance(value, list) else None

    def _subexpression(self, node: Node) -> Step:
        steps = self._children(node)

        def follow(value: Any, environment: Environment) -> Any:
            for step in steps:
                value = step(value, environment)
            return value

        return follow

    _index_expression = _subexpression

    def _pipe(self, node: Node) -> Step:
        steps = [self._tolerant(child) for child in node["children"]]

        def pipe(value: Any, environment: Environment) -> Any:
            for step in steps:
                value = step(value, environment)
            return value

        return pipe

    def _projection(self, node: Node) -> Step:
        left, right = (self._tolerant(child) for child in node["children"])

        def project(value: Any, environment: Environment) -> Any:
            items = left(value, environment)
            return _projected(items, right, environment) if isinstance(items, list) else None

        return project

    def _value_projection(self, node: Node) -> Step:
        left, right = _forgiving(self.compile(node["children"][0])), self._tolerant(node["children"][1])

        def project(value: Any, environment: Environment) -> Any:
            items = left(value, environment)
            return _projected(list(items.values()), right, environment) if isinstance(items, dict) else None

        return project

    def _filter_projection(self, node: Node) -> Step:
        left, right, condition = node["children"]
        items_of, keep, result = _forgiving(self.compile(left)), self._tolerant(condition), self._tolerant(right)

        def project(value: Any, environment: Environment) -> Any:
            items = items_of(value, environment)
            if not isinstance(items, list):
                return None
            kept = [item for item in items if not is_false(keep(item, environment))]
            return _projected(kept, result, environment)

        return project

    def _flatten(self, node: Node) -> Step:
        left = _forgiving(self.compile(node["children"][0]))

        def flatten(value: Any, environment: Environment) -> Any:
            items = left(value, environment)
            if not isinstance(items, list):
                return None
            bounded(sum(len(item) if isinstance(item, list) else 1 for item in items))
            return [part for item in items for part in (item if isinstance(item, list) else (item,))]

        return flatten

    def _multi_select_list(self, node: Node) -> Step:
        steps = [self._tolerant(child) for child in node["children"]]

        def select(value: Any, environment: Environment) -> Any:
            return None if value is None else [step(value, environment) for step in steps]

        return select

    def _multi_select_dict(self, node: Node) -> Step:
        steps = [(pair["value"], self._tolerant(pair["children"][0])) for pair in node["children"]]

        def select(value: Any, environment: Environment) -> Any:
            return None if value is None else {name: step(value, environment) for name, step in steps}

        return select

    def _or_expression(self, node: Node) -> Step:
        left, right = (self._tolerant(child) for child in node["children"])

        def either(value: Any, environment: Environment) -> Any:
            first = left(value, environment)
            return right(value, environment) if is_false(first) else first

        return either

    def _and_expression(self, node: Node) -> Step:
        left, right = self._tolerant(node["children"][0]), self.compile(node["children"][1])

        def both(value: Any, environment: Environment) -> Any:
            first = left(value, environment)
            return first if is_false(first) else right(value, environment)

        return both

    def _not_expression(self, node: Node) -> Step:
        operand = self._tolerant(node["children"][0])
        return lambda value, environment: is_false(operand(value, environment))

    def _comparator(self, node: Node) -> Step:
        left, right = (self._tolerant(child) for child in node["children"])
        name = node["value"]
        if name in ("eq", "ne"):
            wanted = name == "eq"
            return lambda value, environment: equal(left(value, environment), right(value, environment)) is wanted
        holds = _ORDER[name]

        def compare(value: Any, environment: Environment) -> Any:
            first, second = left(value, environment), right(value, environment)
            return holds(first, second) if isinstance(first, float) and isinstance(second, float) else None

        return compare

    def _expref(self, node: Node) -> Step:
        expression = self._tolerant(node["children"][0])
        return lambda value, environment: lambda item: expression(item, environment)

    def _function_expression(self, node: Node) -> Step:
        name = node["value"]
        arguments = [self._tolerant(child) for child in node["children"]]
        function = self._functions.get(name)

        def call(value: Any, environment: Environment) -> Any:
            given = [argument(value, environment) for argument in arguments]
            if function is None:
                raise EvaluationError(f"unknown function: {name}")
            return function.call(given, environment)

        return call


def _projected(items: list[Any], right: Step, environment: Environment) -> list[Any]:
    results = [right(item, environment) for item in items]
    return [result for result in results if result is not None]


def _tolerant(step: Step) -> Step:
    """`step`, with null for a missing key."""

    def tolerant(value: Any, environment: Environment) -> Any:
        try:
            return step(value, environment)
        except MissingVariable:
            return None

    return tolerant


def _forgiving(step: Step) -> Step:
    """`step`, with null for any error: what go-jmespath's projections other than `[*]` do with their left side."""

    def forgiving(value: Any, environment: Environment) -> Any:
        try:
            return step(value, environment)
        except EvaluationError:
            return None

    return forgiving


def _literal_value(value: Any) -> Any:
    """A literal with Go's numbers. Raises EvaluationError for the ones that JSON does not have."""
    if isinstance(value, dict):
        return {key: _literal_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_literal_value(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if number - number != 0:
        raise EvaluationError("invalid JMESPath: a literal's number is out of range")
    return number
