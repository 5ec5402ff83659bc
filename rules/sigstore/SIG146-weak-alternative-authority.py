"""An authority that is easy to meet stands beside a strong one.

What it does
------------
Reports, in policies with several authorities and no `spec.policy`: a static `pass`, an identity that anybody has, and
the e-mail address of a person, when another authority asks for a key or a machine's identity.

Why is this bad
---------------
Authorities are alternatives: one that passes is enough. The weakest of them decides how strong the policy is, and a
person's account is taken over more easily than a key in an HSM.

Example
-------
    authorities:
    - key: {kms: "gcpkms://projects/p/locations/global/keyRings/r/cryptoKeys/k"}
    - keyless:
        identities:
        - {issuer: "https://accounts.google.com", subject: user@example.com}

Use instead
-----------
    authorities:
    - key: {kms: "gcpkms://projects/p/locations/global/keyRings/r/cryptoKeys/k"}

References
----------
- https://docs.sigstore.dev/policy-controller/overview/
- https://github.com/sigstore/policy-controller/blob/main/docs/api-types/index.md
"""

from collections.abc import Iterator

from policylint.api import Problem, RelatedPath, Rule, RuleContext
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(id="SIG146", name="weak-alternative-authority", severity="warning", judges=ClusterImagePolicy)


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.authority_strength import weakness

    if policy.has_policy:
        return
    weak = {authority.path: weakness(authority) for authority in policy.authorities}
    strong = [authority for authority in policy.authorities if not weak[authority.path]]
    for authority in policy.authorities if strong else ():
        if weak[authority.path]:
            yield Problem(
                authority.path,
                f"authorities are alternatives, and {authority.name} passes with {weak[authority.path]}:"
                f" {strong[0].name} is not needed then",
                "Remove the weak authority, or ask for both: one policy each, or spec.policy over both.",
                related=(RelatedPath(strong[0].path, "this authority is stronger"),),
            )
