"""An entry of `match` never matches any resource.

What it does
------------
Compares the entries of `spec.match` with the resources that policy-controller looks at: resource, version and group
must be equal to those of the object (only the version may be `*`), and an absent field is compared as an empty one.
Reports entries without a version or a resource, and with a version or group that the resource has not.

Why is this bad
---------------
The policy is accepted. When none of its entries matches, it applies to nothing, and images come in unverified.

Example
-------
    match:
    - resource: pods

Use instead
-----------
    match:
    - resource: pods
      version: v1

References
----------
- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/config/image_policies.go
- https://github.com/sigstore/policy-controller/blob/main/docs/api-types/index.md
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(id="SIG142", name="match-without-version", severity="warning", judges=ClusterImagePolicy)


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.match import never

    reasons = [(entry, never(entry)) for entry in policy.match]
    inert = all(reason for _, reason in reasons)
    for entry, reason in reasons:
        if reason:
            outcome = "the whole policy applies to nothing" if inert else "this entry selects nothing"
            yield Problem(entry.path, f"{reason.text}: {outcome}", reason.help, fix=reason.fix)
