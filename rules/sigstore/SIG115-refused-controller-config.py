"""A ConfigMap of policy-controller cannot be read, or means something else than it says.

What it does
------------
Judges the ConfigMaps `config-policy-controller` and `config-image-policies`. Reports values that are no strings,
switches that are neither true nor false, and, as warnings, unknown settings and a `no-match-policy` that is none of
`deny`, `allow` and `warn`, which is read as `deny`. In `config-image-policies`, which the controller writes itself,
entries that it cannot read are reported.

Why is this bad
---------------
A switch that cannot be read keeps the controller from starting, and its webhook then fails for every pod of the
namespaces that opted in. A misspelt setting does nothing at all.

Example
-------
    kind: ConfigMap
    metadata: {name: config-policy-controller, namespace: cosign-system}
    data:
      no-match-policy: permit
      fail-on-empty-authorities: "no"

Use instead
-----------
    data:
      no-match-policy: allow
      fail-on-empty-authorities: "false"

References
----------
- https://github.com/sigstore/policy-controller/blob/main/pkg/config/store.go
- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/config/image_policies.go
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.sigstore_objects import SigstoreObject

RULE = Rule(
    id="SIG115",
    name="refused-controller-config",
    severity="error",
    judges=SigstoreObject,
    kinds=("v1/ConfigMap",),
)


def check(found: SigstoreObject, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.config_maps import problems

    yield from problems(found.document)
