"""Sums, products and their kin of numbers, quantities and durations (pkg/engine/jmespath/arithmetic.go)."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from policylint.engine.durations import parse_duration
from policylint.engine.jmespath.moments import format_duration
from policylint.engine.jmespath.numbers import format_value, whole
from policylint.engine.jmespath.quantity import Quantity
from policylint.engine.jmespath.signature import ANY, ARRAY, NUMBER, Function

_SECOND = 1_000_000_000
_INT64 = 1 << 63
_MISMATCH = "Types mismatch"
_ZERO = "Zero divisor passed"
_NOT_WHOLE = "Non-integer argument(s) passed for modulo"


class Duration(NamedTuple):
    """A length of time in nanoseconds."""

    nanoseconds: int

    @property
    def seconds(self) -> float:
        """Go's Duration.Seconds."""
        whole_seconds, rest = divmod(abs(self.nanoseconds), _SECOND)
        return math.copysign(whole_seconds + rest / 1e9, self.nanoseconds)


Operand = float | Quantity | Duration


def _operand(value: Any) -> Operand:
    """The operand that an argument is: a quantity before a duration. Raises ValueError for anything else."""
    if isinstance(value, float):
        return value
    if isinstance(value, str):
        for parse in (Quantity.parse, lambda text: Duration(parse_duration(text))):
            try:
                return parse(value)
            except ValueError:
                continue
    raise ValueError("invalid operands")


def _binary(compute: Callable[[Operand, Operand], Operand]) -> Callable[[Any, Any], float | str]:
    def function(left: Any, right: Any) -> float | str:
        return _result(compute(_operand(left), _operand(right)))

    return function


def _result(value: Operand) -> float | str:
    if isinstance(value, float):
        return value
    return str(value) if isinstance(value, Quantity) else format_duration(value.nanoseconds)


def _add(left: Operand, right: Operand) -> Operand:
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        return left.plus(right)
    if isinstance(left, Duration) and isinstance(right, Duration):
        return _wrapped(left.nanoseconds + right.nanoseconds)
    if isinstance(left, float) and isinstance(right, float):
        return left + right
    raise ValueError(_MISMATCH)


def _subtract(left: Operand, right: Operand) -> Operand:
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        return left.plus(right, -1)
    if isinstance(left, Duration) and isinstance(right, Duration):
        return _wrapped(left.nanoseconds - right.nanoseconds)
    if isinstance(left, float) and isinstance(right, float):
        return left - right
    raise ValueError(_MISMATCH)


def _multiply(left: Operand, right: Operand) -> Operand:
    if isinstance(left, float) and not isinstance(right, float):
        left, right = right, left
    if not isinstance(right, float):
        raise ValueError(_MISMATCH)
    if isinstance(left, Quantity):
        return left.times(Quantity.parse(format_value(right)))
    return _lasting(left.seconds * right) if isinstance(left, Duration) else left * right


def _divide(left: Operand, right: Operand) -> Operand:
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        return left.approximate() / _divisor(right.approximate())
    if isinstance(left, Duration) and isinstance(right, Duration):
        return left.seconds / _divisor(right.seconds)
    if not isinstance(right, float):
        raise ValueError(_MISMATCH)
    _divisor(right)
    if isinstance(left, Quantity):
        return left.over(Quantity.parse(format_value(right)))
    return _lasting(left.seconds / right) if isinstance(left, Duration) else left / right


def _modulo(left: Operand, right: Operand) -> Operand:
    if isinstance(left, Duration) and isinstance(right, Duration):
        return Duration(_remainder(left.nanoseconds, right.nanoseconds))
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        return Quantity(_remainder(_integer(left.approximate()), _integer(right.approximate())), 0, left.notation)
    if isinstance(left, float) and isinstance(right, float):
        return float(_remainder(_integer(left), _integer(right)))
    raise ValueError(_MISMATCH)


def _divisor(number: float) -> float:
    if number == 0:
        raise ValueError(_ZERO)
    return number


def _integer(number: float) -> int:
    try:
        return whole(number)
    except ValueError:
        raise ValueError(_NOT_WHOLE) from None


def _remainder(dividend: int, divisor: int) -> int:
    """Go's `%`: the remainder has the dividend's sign."""
    if divisor == 0:
        raise ValueError(_ZERO)
    rest = abs(dividend) % abs(divisor)
    return -rest if dividend < 0 else rest


def _wrapped(nanoseconds: int) -> Duration:
    return Duration((nanoseconds + _INT64) % (2 * _INT64) - _INT64)


def _lasting(seconds: float) -> Duration:
    nanoseconds = seconds * _SECOND
    if not -_INT64 <= nanoseconds < _INT64:  # also for NaN; what Go makes of it depends on the processor
        raise ValueError("the duration is out of range")
    return Duration(int(nanoseconds))


def _sum(items: list[Any]) -> Any:
    if not items:
        raise ValueError("at least one element in the array is required")
    total = items[0]
    for item in items[1:]:
        total = _result(_add(_operand(total), _operand(item)))
    return total


def _round(number: float, places: float) -> float:
    try:
        count = whole(places)
    except ValueError:
        raise ValueError("Non-integer argument(s) passed for round off") from None
    if count < 0:
        raise ValueError(f"argument #2 is out of bounds ({count})")
    shift = 10.0**count if count <= 308 else math.inf
    shifted = number * shift
    if not math.isfinite(shifted):
        return shifted / shift
    fraction, integer = math.modf(shifted)
    if abs(fraction) >= 0.5:
        integer += math.copysign(1.0, shifted)
    return integer / shift


FUNCTIONS = (
    Function("add", (ANY, ANY), _binary(_add)),
    Function("divide", (ANY, ANY), _binary(_divide)),
    Function("modulo", (ANY, ANY), _binary(_modulo)),
    Function("multiply", (ANY, ANY), _binary(_multiply)),
    Function("round", (NUMBER, NUMBER), _round),
    Function("subtract", (ANY, ANY), _binary(_subtract)),
    Function("sum", (ARRAY,), _sum),
)
