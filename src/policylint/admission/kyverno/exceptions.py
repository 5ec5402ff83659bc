"""Exceptions: kyverno api/kyverno/v2/policy_exception_types.go `PolicyExceptionSpec.Validate`, api/kyverno/v1
`PodSecurityStandard.Validate`, and, for policies.kyverno.io, `PolicyExceptionSpec.Validate` and `PolicyRef.Validate`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.match_blocks import Terms, block_problems, user_info_problems
from policylint.admission.kyverno.pod_security import exclusion_problems
from policylint.admission.kyverno.rule_bodies import Version
from policylint.admission.stored import Stored
from policylint.model import ROOT, Fix, Problem, SetValue
from policylint.views.shape import Shape

_SPEC = ROOT / "spec"
_REFUSED = "Kyverno refuses this exception"


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """What the webhook refuses of a PolicyException of either group."""
    if stored.document.kind != "PolicyException":
        return
    shape = Shape()
    spec = shape.mapping(stored.data.get("spec"), _SPEC)
    if stored.document.group == "kyverno.io":
        yield from _of_rules(shape, spec, kyverno)
    elif stored.document.group == "policies.kyverno.io":
        yield from _of_policies(shape, spec)


def _of_rules(shape: Shape, spec: Mapping[str, Any], kyverno: Version) -> Iterator[Problem]:
    block = shape.mapping(spec.get("match"), _SPEC / "match")
    if spec.get("background") is not False:
        for problem in user_info_problems(shape, block, _SPEC / "match", "which background scans do not know"):
            yield problem._replace(
                message=f"{problem.message}: {_REFUSED}",
                help="Set spec.background: false.",
                fix=Fix("set spec.background: false", (SetValue(_SPEC / "background", False),)),
            )
    yield from block_problems(shape, block, _SPEC / "match", Terms(_REFUSED))
    for path, entry in shape.mappings(spec.get("exceptions"), _SPEC / "exceptions"):
        if entry.get("policyName") == "":
            yield Problem(
                path / "policyName",
                f"the exception names no policy: {_REFUSED}",
                help='Name a policy; "*" is every cluster policy.',
            )
    for path, control in shape.mappings(spec.get("podSecurity"), _SPEC / "podSecurity"):
        yield from exclusion_problems(control, path, kyverno)


def _of_policies(shape: Shape, spec: Mapping[str, Any]) -> Iterator[Problem]:
    path = _SPEC / "policyRefs"
    if isinstance(spec.get("policyRefs"), list) and not spec["policyRefs"]:
        yield Problem(
            path, f"the exception refers to no policy: {_REFUSED}", help="Add the kind and name of a policy.", at="key"
        )
    for at, reference in shape.mappings(spec.get("policyRefs"), path):
        for key in ("name", "kind"):
            if reference.get(key) == "":
                yield Problem(
                    at / key, f"the {key} of the policy is empty: {_REFUSED}", help=f"Say which {key} the policy has."
                )
