"""Whether enough of the attestors that a policy names are declared to have signed: `verifyAttestorSet` of
kyverno pkg/engine/internal/imageverifier.go.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from policylint.engine.declared_images import entry_kind, expanded, is_signer
from policylint.engine.errors import EvaluationError, InvalidPolicy
from policylint.model import YamlPath
from policylint.views.shape import Shape


class Refused(EvaluationError):  # noqa: N818 -- a verdict
    """Why an image does not pass: a verdict, no error. `path` is the place in the policy that it does not meet."""


class Attestors:
    """Those who are declared to have signed something."""

    def __init__(self, signed_by: Iterable[Mapping[str, Any]]) -> None:
        self._signed_by = tuple(signed_by)

    def verify(self, sets: Any, path: YamlPath) -> None:
        """Raises Refused unless every one of the sets of attestors at `path` has as many signers as it asks for.

        Raises InvalidPolicy for wrong types.
        """
        shape = Shape()
        for at, attestors in shape.mappings(sets, path):
            self._set(attestors, at)
        _raise_first(shape)

    def _set(self, attestors: Mapping[str, Any], path: YamlPath) -> None:
        shape = Shape()
        entries = list(expanded([item for _, item in shape.mappings(attestors.get("entries"), path / "entries")]))
        count = shape.integer(_whole(attestors.get("count")), path / "count")
        _raise_first(shape)
        required = count or len(entries)
        refusals = [
            refusal for refusal in (self._refusal(e, path / "entries" / i) for i, e in enumerate(entries)) if refusal
        ]
        verified = len(entries) - len(refusals)
        if verified >= required:
            return
        why = "; ".join(f"{refusal.path}: {refusal.message}" for refusal in refusals) or "it has no entries"
        raise Refused(f"{verified} of {required} required attestors signed: {why}", path)

    def _refusal(self, entry: Mapping[str, Any], path: YamlPath) -> Refused | None:
        nested = entry.get("attestor")
        if isinstance(nested, Mapping):
            try:
                self._set(nested, path / "attestor")
            except Refused as refusal:
                return refusal
            return None
        if any(is_signer(entry, declared) for declared in self._signed_by):
            return None
        kind = entry_kind(entry)
        return Refused("no declared signature is by this attestor", path / kind if kind else path)


def _raise_first(shape: Shape) -> None:
    if shape.problems:
        raise InvalidPolicy(shape.problems[0].message, shape.problems[0].path)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
