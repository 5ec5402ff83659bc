"""A policy is of a version or a kind that is on its way out.

What it does
------------
Reports API versions of Kyverno's kinds that their CustomResourceDefinitions call deprecated (`v2beta1` of CleanupPolicy
and PolicyException, `v1alpha1` of the policies.kyverno.io kinds, ...). With `kyverno-version` 1.19 or later in the
configuration, also the kinds of kyverno.io whose place those of policies.kyverno.io take. The fix moves to the version
that objects are stored in when its fields are the same; it is safe when `kyverno-version` is 1.17 or later.

Why is this bad
---------------
A later release stops to serve the version, and the file cannot be applied any more.

Example
-------
    apiVersion: kyverno.io/v2beta1
    kind: PolicyException

Use instead
-----------
    apiVersion: kyverno.io/v2
    kind: PolicyException

References
----------
- https://kyverno.io/docs/
- https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext

RULE = Rule(
    id="KYV103",
    name="deprecated-policy-kind",
    severity="warning",
    judges=Stored,
    kinds=("kyverno.io/*", "policies.kyverno.io/*"),
)


def check(stored: Stored, context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.schema import deprecation
    from policylint.views.kyverno import minor_of

    yield from deprecation.problems(stored.document, minor_of(context.config.kyverno_version))
