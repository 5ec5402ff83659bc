"""No signature can have a keyless identity.

What it does
------------
Reports exact identities that contradict what Fulcio writes: an issuer that is spelt with a slash at its end, without
its scheme or in other letters than it spells itself; a workflow vouched for by an issuer of people; an e-mail address
vouched for by GitHub Actions; a workflow without the ref that its subject ends with.

Why is this bad
---------------
The authority can never pass, so that images with a good signature are denied.

Example
-------
    identities:
    - issuer: https://token.actions.githubusercontent.com/
      subject: https://github.com/org/app/.github/workflows/release.yaml

Use instead
-----------
    identities:
    - issuer: https://token.actions.githubusercontent.com
      subject: https://github.com/org/app/.github/workflows/release.yaml@refs/heads/main

References
----------
- https://github.com/sigstore/fulcio/blob/main/docs/oidc.md
"""

from collections.abc import Iterator

from policylint.api import Fix, Problem, Rule, RuleContext, SetValue
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(id="SIG153", name="keyless-identity-never-matches", severity="warning", judges=ClusterImagePolicy)


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.views.identities import never

    for authority in policy.authorities:
        for identity in authority.keyless.identities if authority.keyless else ():
            found = never(identity.issuer, identity.subject)
            if found is not None:
                path = identity.path / found.field
                fix = Fix(f"write {found.instead}", (SetValue(path, found.instead),)) if found.instead else None
                advice = f"Write {found.instead}." if found.instead else ""
                yield Problem(path, f"no signature has this {found.field}: {found.reason}", advice, fix=fix)
