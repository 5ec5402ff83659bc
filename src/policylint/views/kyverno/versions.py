"""Kyverno versions as the configuration writes them."""

from policylint.regex import regex

_MINOR = regex(r"v?(\d+)\.(\d+)(?:[.+-].*)?\Z")


def minor_of(version: str) -> tuple[int, int] | None:
    """Major and minor of a version such as `1.13`, `v1.13.2` or `1.13.0-rc.1`; None when it is empty or no version."""
    match = _MINOR.match(version.strip())
    return (int(match[1]), int(match[2])) if match is not None else None
