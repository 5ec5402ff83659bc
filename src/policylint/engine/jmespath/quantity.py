"""Resource quantities with what their arithmetic in Go keeps: the decimal scale and the notation.

As k8s.io/apimachinery pkg/api/resource (quantity.go, amount.go, suffix.go).
"""

from typing import NamedTuple, Self

from policylint.regex import regex
from policylint.views.quantities import parse_quantity

_PARTS = regex(r"[+-]?0*([0-9]*)(?:\.([0-9]*))?(.*)\Z")
_NANO_SCALE = 9
_FAST_DIGITS = 18
_FAST_BINARY_DIGITS = 14
_DECIMAL_SUFFIXES = {-9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
_BINARY_SUFFIXES = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL_EXPONENTS = {suffix: exponent for exponent, suffix in _DECIMAL_SUFFIXES.items()}

DECIMAL, BINARY, EXPONENT = "DecimalSI", "BinarySI", "DecimalExponent"


class Quantity(NamedTuple):
    """`unscaled` divided by ten to the power of `scale`, to be written in `notation`."""

    unscaled: int
    scale: int
    notation: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The quantity that `text` is. Raises ValueError for anything else."""
        value = parse_quantity(text)
        match = _PARTS.match(text)
        digits, decimals, suffix = match.groups("") if match else ("", "", "")
        if suffix in _BINARY_SUFFIXES[1:]:
            notation = BINARY
            exponent = _BINARY_SUFFIXES.index(suffix) * 10
            room = _FAST_BINARY_DIGITS - max(len(digits), 1) - exponent * 3 // 10
            scale = 0 if room >= 0 and not decimals else _NANO_SCALE
            if scale and 0 < abs(value) < 1:
                notation = DECIMAL
        else:
            notation = DECIMAL if suffix in _DECIMAL_EXPONENTS else EXPONENT
            exponent = _DECIMAL_EXPONENTS[suffix] if notation == DECIMAL else int(suffix[1:])
            scale = len(decimals) - exponent
            if max(len(digits), 1) + len(decimals) > _FAST_DIGITS or scale > _NANO_SCALE:
                scale = _NANO_SCALE
        unscaled = value * 10**scale if scale >= 0 else value / 10**-scale
        return cls(int(unscaled), scale, notation)

    def plus(self, other: "Quantity", sign: int = 1) -> "Quantity":
        """The sum with `other`, or the difference when `sign` is -1; zero takes over the other's notation."""
        scale = max(self.scale, other.scale)
        unscaled = self._at(scale) + sign * other._at(scale)
        return Quantity(unscaled, scale, self.notation if self.unscaled else other.notation)

    def times(self, other: "Quantity") -> "Quantity":
        """The product, in this quantity's notation."""
        return Quantity(self.unscaled * other.unscaled, self.scale + other.scale, self.notation)

    def over(self, other: "Quantity") -> "Quantity":
        """The quotient, cut off (towards zero) at the larger of the two scales."""
        scale = max(self.scale, other.scale)
        shift = scale + other.scale - self.scale
        numerator, denominator = self.unscaled * 10 ** max(shift, 0), other.unscaled * 10 ** max(-shift, 0)
        quotient = abs(numerator) // abs(denominator)
        return Quantity(quotient if (numerator < 0) == (denominator < 0) else -quotient, scale, self.notation)

    def approximate(self) -> float:
        """AsApproximateFloat64. Raises ValueError when it is out of range."""
        try:
            return float(self.unscaled) * float(f"1e{-self.scale}") if self.scale else float(self.unscaled)
        except OverflowError:
            raise ValueError("the quantity is too large") from None

    def _at(self, scale: int) -> int:
        return int(self.unscaled * 10 ** (scale - self.scale))

    def __str__(self) -> str:
        """The canonical form: the largest suffix that leaves no fraction."""
        if not self.unscaled:
            return "0"
        if self.notation == BINARY:
            value, rest = divmod(self.unscaled * 10 ** max(-self.scale, 0), 10 ** max(self.scale, 0))
            if not rest and abs(value) >= 1024:
                return _binary(value)
        return self._decimal()

    def _decimal(self) -> str:
        unscaled, exponent = self.unscaled, -self.scale
        while unscaled % 10 == 0:
            unscaled, exponent = unscaled // 10, exponent + 1
        unscaled, exponent = unscaled * 10 ** (exponent % 3), exponent - exponent % 3
        if self.notation == EXPONENT:
            return f"{unscaled}e{exponent}" if exponent else str(unscaled)
        return f"{unscaled}{_DECIMAL_SUFFIXES.get(exponent, '')}"


def _binary(value: int) -> str:
    power = 0
    while value % 1024 == 0:
        value, power = value // 1024, power + 1
    return f"{value}{_BINARY_SUFFIXES[power] if power < len(_BINARY_SUFFIXES) else ''}"
