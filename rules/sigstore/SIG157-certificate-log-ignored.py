"""A keyless authority does not ask for the certificate's log entry.

What it does
------------
Reports `insecureIgnoreSCT: true` in keyless authorities.

Why is this bad
---------------
A certificate that Fulcio issued without publishing it, as a compromised authority would, then passes unseen.

Example
-------
    keyless:
      insecureIgnoreSCT: true

Use instead
-----------
    keyless:
      trustRootRef: internal-sigstore

References
----------
- https://docs.sigstore.dev/certificate_authority/overview/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(id="SIG157", name="certificate-log-ignored", severity="warning", judges=ClusterImagePolicy)


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    for authority in policy.authorities:
        if authority.keyless is not None and authority.keyless.ignores_sct:
            yield Problem(
                authority.keyless.path / "insecureIgnoreSCT",
                "certificates that are in no log pass, so nobody could notice a forged one",
                "Remove insecureIgnoreSCT, and name a trust root whose ctLogs hold the log's key.",
            )
