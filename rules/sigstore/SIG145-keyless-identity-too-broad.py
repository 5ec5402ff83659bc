"""A keyless identity lets in signers that nobody meant.

What it does
------------
Judges the regular expressions of keyless identities. One that matches everything is a warning. As information: one
that is not anchored at both ends, since it then matches anywhere inside an issuer or subject, and one with an unescaped
dot in a host name, which stands for any character. A `.*` at an end counts as meant.

Why is this bad
---------------
Fulcio gives a certificate to anybody with an e-mail address or a workflow; only the identity tells your signers from
all others.

Example
-------
    identities:
    - issuerRegExp: .*
      subjectRegExp: https://github.com/org/.*

Use instead
-----------
    identities:
    - issuer: https://token.actions.githubusercontent.com
      subjectRegExp: ^https://github\\.com/org/.*$

References
----------
- https://docs.sigstore.dev/policy-controller/overview/#configuring-keyless-authorities
- https://github.com/google/re2/wiki/Syntax
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(id="SIG145", name="keyless-identity-too-broad", severity="warning", judges=ClusterImagePolicy)

_SAID = {
    "everything": "matches every signer there is",
    "unanchored": "is not anchored with ^ and $, so it also matches in the middle of another name",
    "bare-dot": "has a dot that stands for any character",
}


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.views.identities import weaknesses

    for authority in policy.authorities:
        for identity in authority.keyless.identities if authority.keyless else ():
            for field, pattern in (
                ("issuerRegExp", identity.issuer_reg_exp),
                ("subjectRegExp", identity.subject_reg_exp),
            ):
                found = weaknesses(pattern) if pattern else ()
                if found:
                    yield Problem(
                        identity.path / field,
                        f"{pattern!r} {' and '.join(_SAID[each] for each in found)}",
                        "Say who signs exactly, or anchor the expression with ^ and $ and write \\. for a dot.",
                        severity=None if found == ("everything",) else "info",
                    )
