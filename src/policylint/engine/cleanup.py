"""Cleanup policies: which objects they would delete.

As kyverno cmd/cleanup-controller/handlers/cleanup/handlers.go; when they would do so, `spec.schedule`, is not asked.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from policylint.engine.backends import Backends
from policylint.engine.conditions import evaluate_conditions
from policylint.engine.context import Context
from policylint.engine.deferred import SimpleLoader
from policylint.engine.entries import load_entries
from policylint.engine.errors import EvaluationError, InvalidPolicy, Unsupported
from policylint.engine.handling import summed_up
from policylint.engine.images import extract_images
from policylint.engine.jmespath import json_numbers
from policylint.engine.match import MatchBlock, matches
from policylint.engine.request import Request
from policylint.engine.response import PolicyResponse, RuleResponse, Status, Step, Unmatched
from policylint.model import ROOT, YamlPath
from policylint.views.shape import Shape

_SPEC = ROOT / "spec"
_KINDS = ("CleanupPolicy", "ClusterCleanupPolicy")
_NO_BACKENDS = Backends()


class CleanupPolicy(NamedTuple):
    """A cleanup policy. `namespace` is the only one that it cleans up, empty for cluster policies."""

    name: str
    namespace: str
    match: MatchBlock
    exclude: MatchBlock
    conditions: Any
    context: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "CleanupPolicy":
        """The policy in a document of kind CleanupPolicy or ClusterCleanupPolicy. Raises InvalidPolicy."""
        shape = Shape()
        metadata = _metadata(data, shape)
        spec = shape.mapping(data.get("spec"), _SPEC)
        if spec.get("match") is None:
            raise InvalidPolicy("the policy has no match", _SPEC)
        namespace = str(metadata.get("namespace") or "default") if data["kind"] == "CleanupPolicy" else ""
        policy = cls(
            str(metadata["name"]),
            namespace,
            MatchBlock.of(shape, spec["match"], _SPEC / "match"),
            MatchBlock.of(shape, spec.get("exclude"), _SPEC / "exclude"),
            spec.get("conditions"),
            tuple(entry for _, entry in shape.mappings(spec.get("context"), _SPEC / "context")),
        )
        if shape.problems:
            raise InvalidPolicy(shape.problems[0].message, shape.problems[0].path)
        return policy

    def evaluate(self, request: Request, *, backends: Backends = _NO_BACKENDS) -> PolicyResponse:
        """Whether the request's object would be deleted: status `pass`, else `skip` when the conditions do not hold.

        An object that the policy is not for leaves a reason among the unmatched.
        """
        matched = matches(self, request, self.namespace)
        if not matched.matched:
            return PolicyResponse(self.name, (), (Unmatched("", matched.reason, matched.policy_path),))
        first = Step("match", matched.reason or "the policy is for this object", matched.policy_path, holds=True)
        answer = self._conditions(request, backends)
        return PolicyResponse(self.name, (answer._replace(steps=(first, *answer.steps)),))

    def _conditions(self, request: Request, backends: Backends) -> RuleResponse:
        context = Context()
        context.add_target(json_numbers(request.subject))
        context.defer("images", SimpleLoader(lambda: context.add_images(extract_images(request.subject))))
        path = _SPEC / "conditions"
        try:
            load_entries(self.context, context, backends, policy=self.name, rule="", path=_SPEC / "context")
            result = evaluate_conditions(self.conditions, context, path=path)
        except Unsupported as error:
            return _response("error", error.message, error.path)._replace(unsupported=error.feature)
        except EvaluationError as error:
            return _response("error", f"failed to evaluate conditions: {error.message}", error.path)
        steps = summed_up("conditions", "met" if result.passed else "not met", result, path)
        if result.passed:
            return _response("pass", "would be deleted", path if steps else _SPEC / "match")._replace(steps=steps)
        message = "; ".join(filter(None, ("would be kept: its conditions are not met", result.message)))
        decisive = next((step.policy_path for step in reversed(result.steps) if step.policy_path), path)
        return _response("skip", message, decisive)._replace(steps=steps)


def _metadata(data: Mapping[str, Any], shape: Shape) -> Mapping[str, Any]:
    if data.get("kind") not in _KINDS or not str(data.get("apiVersion")).startswith("kyverno.io/"):
        raise InvalidPolicy(f"{data.get('apiVersion')} {data.get('kind')} is not a cleanup policy of kyverno.io", ROOT)
    metadata = shape.mapping(data.get("metadata"), ROOT / "metadata")
    if not isinstance(metadata.get("name"), str) or not metadata["name"]:
        raise InvalidPolicy("the policy has no name", ROOT / "metadata")
    return metadata


def _response(status: Status, message: str, path: YamlPath | None) -> RuleResponse:
    return RuleResponse("", "cleanup", status, message, policy_path=path)
