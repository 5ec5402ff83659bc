"""What the checks of sigstore objects share: how a refusal is said, and which values are not known before the apply."""

from collections.abc import Mapping, Sequence
from typing import Any

from policylint.model import ROOT, Problem, RelatedPath, YamlPath
from policylint.regex import regex
from policylint.views.shape import Shape

SPEC = ROOT / "spec"
REFUSES = "policy-controller refuses this policy"

# what envsubst, make, sed or a template engine fills in
_FILLED_IN = regex(r"\$\{[^}\n]*\}|\$\([^)\n]*\)|\{\{.*?\}\}|<%.*?%>")
_TOKEN = regex(r"\s*[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_?\s*")


def refused(path: YamlPath, reason: str, help: str = "", related: Sequence[RelatedPath] = ()) -> Problem:  # noqa: A002
    """The problem that the webhook refuses the object for `reason`."""
    return Problem(path, f"{reason}: {REFUSES}", help, related=tuple(related))


def filled_in(text: str) -> bool:
    """Whether `text` has a part that something fills in before the object is applied, such as `${KEY}`.

    What it will be is unknown then, so that it is not judged.
    """
    return _FILLED_IN.search(text) is not None


def stands_in(text: str) -> bool:
    """Whether `text`, where long data belongs, is filled in later: `${PUBLIC_KEY}`, or `PUBLIC_KEY` alone for sed."""
    return filled_in(text) or _TOKEN.fullmatch(text) is not None


def spec_of(shape: Shape, data: Mapping[str, Any]) -> Mapping[str, Any]:
    return shape.mapping(data.get("spec"), SPEC)


def text(shape: Shape, mapping: Mapping[str, Any], path: YamlPath, key: str) -> str:
    """The string at `key`; empty when it is absent or something else, which the schema judges."""
    return shape.string(mapping.get(key), path / key) or ""


def present(mapping: Mapping[str, Any], keys: Sequence[str]) -> list[str]:
    """Which of `keys` have a value. Null is none, an empty mapping is one, as for Go's pointers."""
    return [key for key in keys if mapping.get(key) is not None]


def one_of(path: YamlPath, mapping: Mapping[str, Any], keys: Sequence[str], given: Sequence[str]) -> Problem | None:
    """The problem when `given` (of `keys`) is not exactly one."""
    if len(given) == 1:
        return None
    listed = ", ".join(keys)
    if not given:
        return refused(path / keys[0], f"none of {listed} is given, and exactly one must be", f"Give one of {listed}.")
    related = [RelatedPath(path / key, f"{key} is given too") for key in given[1:] if key in mapping]
    return refused(
        path / given[0],
        f"{' and '.join(given)} are given, and exactly one of {listed} must be",
        f"Keep one of {', '.join(given)}.",
        related,
    )
