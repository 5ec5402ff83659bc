"""What of Kyverno's policies and suites is evaluated, and what is answered with an `unsupported` error instead.

The tests hold an example against every line: it gives a verdict, or it does not, just as the line says.
"""

from typing import NamedTuple


class Feature(NamedTuple):
    """One thing that policies or suites may use. `note` says what is different, or what is missing."""

    area: str
    name: str
    supported: bool = True
    note: str = ""


_CEL = "CEL is not evaluated yet"

FEATURES: tuple[Feature, ...] = (
    Feature("policies", "ClusterPolicy"),
    Feature("policies", "Policy"),
    Feature("policies", "CleanupPolicy and ClusterCleanupPolicy", note="which objects match; not the schedule"),
    Feature("policies", "PolicyException of kyverno.io"),
    Feature("policies", "ValidatingPolicy", False, _CEL),
    Feature("policies", "MutatingPolicy", False, _CEL),
    Feature("policies", "GeneratingPolicy", False, _CEL),
    Feature("policies", "DeletingPolicy", False, _CEL),
    Feature("policies", "ImageValidatingPolicy", False, _CEL),
    Feature("policies", "ValidatingAdmissionPolicy", False, _CEL),
    Feature("policies", "MutatingAdmissionPolicy", False, _CEL),
    Feature("policies", "autogen for pod controllers"),
    Feature("policies", "applyRules: One"),
    Feature("policies", "webhookConfiguration.matchConditions", False, _CEL),
    Feature("match and exclude", "any, all, and the form without them"),
    Feature("match and exclude", "kinds with groups, versions, subresources and wildcards"),
    Feature("match and exclude", "names, namespaces, labels, annotations"),
    Feature("match and exclude", "namespaceSelector"),
    Feature("match and exclude", "operations"),
    Feature("match and exclude", "subjects, roles, clusterRoles"),
    Feature("conditions", "preconditions with any, all, and the old list"),
    Feature("conditions", "operators on text, numbers, quantities, durations and ranges"),
    Feature("variables", "nested variables, types of whole values, and escapes"),
    Feature("variables", "{{@}} and $( ) references"),
    Feature("variables", "JMESPath with Kyverno's functions", note="random and x509_decode within limits, see below"),
    Feature("variables", "is_external_url of host names", False, "the name would have to be looked up"),
    Feature("context entries", "variable"),
    Feature("context entries", "configMap", note="from values or clusterResources"),
    Feature("context entries", "apiCall", note="from values or apiCallResponses"),
    Feature("context entries", "imageRegistry", note="from values"),
    Feature("context entries", "globalReference", note="from values or globalContextEntries"),
    Feature("validate", "pattern with all anchors"),
    Feature("validate", "anyPattern"),
    Feature("validate", "deny"),
    Feature("validate", "foreach, nested too"),
    Feature("validate", "podSecurity", note="all controls, with exclude"),
    Feature("validate", "manifests", False, "signatures of manifests need keys and registries"),
    Feature("validate", "cel", False, _CEL),
    Feature("validate", "assert", False, "a language of its own, that no released policy uses"),
    Feature("mutate", "patchStrategicMerge with all anchors"),
    Feature("mutate", "patchesJson6902"),
    Feature("mutate", "foreach"),
    Feature("mutate", "targets: existing objects"),
    Feature("mutate", "targets that are subresources", False, "a suite cannot declare them"),
    Feature("generate", "data"),
    Feature("generate", "clone"),
    Feature("generate", "cloneList"),
    Feature("generate", "foreach"),
    Feature("verifyImages", "attestors and attestations with declared signatures", note="nothing cryptographic"),
    Feature("verifyImages", "images of which nothing is declared", False, "their registry would have to be asked"),
    Feature("suites", "variables, values, userinfo, operation"),
    Feature("suites", "patchedResources and generatedResource"),
    Feature("suites", "the old schema without apiVersion and kind"),
)


def unsupported_features() -> tuple[Feature, ...]:
    """Those that end in an `unsupported` error."""
    return tuple(feature for feature in FEATURES if not feature.supported)
