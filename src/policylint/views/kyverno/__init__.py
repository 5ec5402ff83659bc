"""Kyverno policies as the API server would store them: typed, read-only, CRD defaults applied.

`KyvernoPolicy` is a `ClusterPolicy` or `Policy` of kyverno.io, `CelPolicy` one of the policies.kyverno.io kinds that
have a webhook, and `AdmissionPolicy` what both have in common towards the API server. What `verifyImages` holds is in
`verify_images`, which is loaded for policies only.
"""

from policylint.views.fields import Action, EffectiveAction, Field
from policylint.views.kyverno.admission import AdmissionPolicy
from policylint.views.kyverno.cel import CelPolicy
from policylint.views.kyverno.context import CallOut, ContextEntry
from policylint.views.kyverno.policy import KyvernoPolicy, Override, PolicyRule
from policylint.views.kyverno.timeout import DEFAULT_TIMEOUT, LONGEST_TIMEOUT, SHORTEST_TIMEOUT, Timeout
from policylint.views.kyverno.versions import minor_of

__all__ = [
    "DEFAULT_TIMEOUT",
    "LONGEST_TIMEOUT",
    "SHORTEST_TIMEOUT",
    "Action",
    "AdmissionPolicy",
    "CallOut",
    "CelPolicy",
    "ContextEntry",
    "EffectiveAction",
    "Field",
    "KyvernoPolicy",
    "Override",
    "PolicyRule",
    "Timeout",
    "minor_of",
]
