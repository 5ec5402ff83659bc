"""The signature format of an authority is none that exists.

What it does
------------
Reports a `signatureFormat` that is neither `legacy` nor `bundle`, letter for letter.

Why is this bad
---------------
policy-controller takes any text and looks for bundles only when it says `bundle`; everything else is `legacy`. Images
signed with bundles are then denied.

Example
-------
    authorities:
    - signatureFormat: Bundle

Use instead
-----------
    authorities:
    - signatureFormat: bundle

References
----------
- https://github.com/sigstore/policy-controller/blob/main/docs/api-types/index.md
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(id="SIG156", name="unknown-signature-format", severity="warning", judges=ClusterImagePolicy)


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    for authority in policy.authorities:
        written = authority.signature_format
        if written and written not in ("legacy", "bundle"):
            yield Problem(
                authority.path / "signatureFormat",
                f"{written!r} is neither legacy nor bundle, and so read as legacy",
                "Write bundle or legacy.",
            )
