"""The label `cleanup.kyverno.io/ttl`: kyverno pkg/validation/resource/validate.go `ValidateTtlLabel`, with
kube-openapi's strfmt.ParseDuration.
"""

from collections.abc import Iterator

from policylint.document.document import Document
from policylint.engine.durations import parse_duration
from policylint.model import ROOT, Problem
from policylint.regex import regex
from policylint.views.kyverno.cleanup import TTL_LABEL
from policylint.views.shape import Shape

_MOMENT = regex(r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2})(\d{2})(\d{2})(?:[.,]\d+)?Z)?\Z")
_PART = regex(r"\d+\s*([A-Za-zµ]+)")
_EXACT = ("ns", "us", "µs", "ms", "s", "m", "h", "hr", "d", "w", "wk")
_PREFIXES = ("nano", "micro", "milli", "sec", "min", "hour", "day", "week")


def problems(document: Document) -> Iterator[Problem]:
    """What Kyverno's cleanup controller refuses of the label on any object."""
    shape = Shape()
    metadata = shape.mapping(document.mapping.get("metadata"), ROOT / "metadata")
    labels = shape.mapping(metadata.get("labels"), ROOT / "metadata" / "labels")
    value = labels.get(TTL_LABEL)
    if isinstance(value, str) and not _is_time(value):
        yield Problem(
            ROOT / "metadata" / "labels" / TTL_LABEL,
            f'"{value}" is neither a duration nor a date: Kyverno refuses this object',
            help="Write a duration such as 24h, a date such as 2030-01-31, or a time such as 2030-01-31T093000Z.",
        )


def _is_time(text: str) -> bool:
    return _is_duration(text) or _is_moment(text)


def _is_duration(text: str) -> bool:
    try:
        parse_duration(text)
    except ValueError:
        units = (match[1].lower() for match in _PART.finditer(text))
        return any(unit in _EXACT or unit.startswith(_PREFIXES) for unit in units)
    return True


def _is_moment(text: str) -> bool:
    match = _MOMENT.match(text)
    if match is None:
        return False
    from datetime import UTC, datetime

    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return False
    return True
