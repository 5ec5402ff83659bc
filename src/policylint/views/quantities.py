"""Kubernetes numbers: resource quantities, and the integers that may also be written as a percentage."""

import math
import re
from typing import TYPE_CHECKING, NamedTuple, Self

from policylint.regex import regex

if TYPE_CHECKING:
    from fractions import Fraction

_QUANTITY = regex(r"([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[+-]?[0-9]*)\Z", re.ASCII)
_EXPONENT = regex(r"[eE][+-]?[0-9]+\Z", re.ASCII)
_PERCENT = regex(r"[0-9]+%\Z", re.ASCII)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_NANO = 10**9
_BINARY_MAX = 2**63 - 1
_LONGEST = 1000
_INT32_MAX = 2**31 - 1


def parse_quantity(text: str | int | float) -> "Fraction":
    """The exact value of a quantity such as `500m`, `1.5Gi`, `1e3` or the plain number 2, in base units.

    As ParseQuantity in k8s.io/apimachinery pkg/api/resource/quantity.go: values finer than nano are rounded away from
    zero, binary ones are capped at 2^63-1, and a number without digits is 0 (`m` and `-` are quantities there).
    White space is refused. Raises ValueError for anything else, and for more than 1,000 characters or an exponent
    beyond 1,000, which upstream would compute for minutes.
    """
    from fractions import Fraction

    if isinstance(text, bool):
        raise ValueError(f"{text} is not a quantity")
    text = str(text)
    match = _QUANTITY.match(text) if 0 < len(text) <= _LONGEST else None
    if match is None:
        raise ValueError(f"{_shown(text)} is not a quantity: a number and a suffix such as m, k, M, Ki or Mi")
    sign, whole, decimals, suffix = match.groups(default="")
    number = Fraction(int(f"0{whole}{decimals}"), 10 ** len(decimals))
    if suffix in _BINARY:
        value: Fraction = min(number * 2 ** _BINARY[suffix], Fraction(_BINARY_MAX))
    else:
        exponent = _decimal_exponent(text, suffix)
        value = number * 10**exponent if exponent >= 0 else number / 10**-exponent
    nanos = value * _NANO
    if nanos.denominator != 1:
        value = Fraction(math.ceil(nanos), _NANO)
    return -value if sign == "-" else value


def _decimal_exponent(text: str, suffix: str) -> int:
    exponent = _DECIMAL.get(suffix)
    if exponent is None:
        if not _EXPONENT.match(suffix):
            raise ValueError(f"{_shown(text)} is not a quantity: {suffix!r} is not a suffix of one")
        exponent = int(suffix[1:])
        if abs(exponent) > _LONGEST:
            raise ValueError(f"{_shown(text)} is not a usable quantity: its exponent is beyond {_LONGEST}")
    return exponent


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


class IntOrPercent(NamedTuple):
    """A count, or a percentage of some total."""

    value: int
    percent: bool = False

    @classmethod
    def parse(cls, raw: object, *, at_most_100_percent: bool = False) -> Self:
        """What `raw`, as read from YAML, stands for. Raises ValueError for what the API server refuses.

        As ValidatePositiveIntOrPercent and IsNotMoreThan100Percent in pkg/apis/apps/validation: a non-negative 32-bit
        integer, or digits and `%` in a string. The string `1`, `-5%` and `2.5%` are refused.
        """
        if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= _INT32_MAX:
            return cls(raw)
        if isinstance(raw, str) and len(raw) <= _LONGEST and _PERCENT.match(raw):
            value = int(raw[:-1])
            if at_most_100_percent and value > 100:
                raise ValueError(f"{raw} is more than 100%")
            return cls(value, percent=True)
        raise ValueError(f"{_shown(str(raw))} is neither a whole number from 0 nor a percentage such as 25%")

    def resolve(self, total: int, *, round_up: bool) -> int:
        """The count that this is of `total`, as GetScaledValueFromIntOrPercent in apimachinery pkg/util/intstr."""
        if not self.percent:
            return self.value
        scaled = self.value * total
        return -(-scaled // 100) if round_up else scaled // 100

    def __str__(self) -> str:
        return f"{self.value}%" if self.percent else str(self.value)
