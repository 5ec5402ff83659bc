"""Fingerprints that tell the findings of one report apart, for formats whose readers drop a repeated one."""

from collections.abc import Iterable, Iterator

from policylint.model import Finding


def occurrences(findings: Iterable[Finding]) -> Iterator[tuple[Finding, int]]:
    """Each finding and how many with its fingerprint have come up to it, itself included."""
    seen: dict[str, int] = {}
    for finding in findings:
        number = seen.get(finding.fingerprint, 0) + 1
        seen[finding.fingerprint] = number
        yield finding, number
