"""Which kinds are policies, and which of them are evaluated."""

from typing import Literal

_CLASSIC = frozenset(("ClusterPolicy", "Policy"))
CEL_KINDS = frozenset(
    (
        "ValidatingPolicy",
        "NamespacedValidatingPolicy",
        "ImageValidatingPolicy",
        "NamespacedImageValidatingPolicy",
        "MutatingPolicy",
        "NamespacedMutatingPolicy",
        "GeneratingPolicy",
        "NamespacedGeneratingPolicy",
        "DeletingPolicy",
        "NamespacedDeletingPolicy",
        "ValidatingAdmissionPolicy",
        "MutatingAdmissionPolicy",
    )
)
_BINDINGS = frozenset(("ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicyBinding"))

PolicySort = Literal["classic", "cel", "binding", "none"]


def policy_sort(group: str, kind: str) -> PolicySort:
    """What an object of this kind is: a policy that is evaluated (`classic`), one in CEL, a binding, or no policy."""
    if group == "kyverno.io" and kind in _CLASSIC:
        return "classic"
    if kind in CEL_KINDS:
        return "cel"
    return "binding" if kind in _BINDINGS else "none"
