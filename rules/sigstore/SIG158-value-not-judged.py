"""A value is filled in before the policy is applied, so that it was not judged.

What it does
------------
Reports values of sigstore's objects with a part that a tool fills in (`${KEY}`, `$(KEY)`, `{{ key }}`, `<% key %>`),
and names in capitals where a key or a certificate belongs (`PUBLIC_KEY`). The other SIG rules leave such values alone.

Why is this bad
---------------
It need not be. But a clean run says nothing about these values: what is filled in may be a private key, or no glob.

Example
-------
    authorities:
    - key: {data: "${COSIGN_PUBLIC_KEY}"}

Use instead
-----------
Let policylint read what comes out: `envsubst < policy.yaml | policylint check -`

References
----------
- https://docs.sigstore.dev/policy-controller/overview/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.sigstore_objects import SigstoreObject

RULE = Rule(id="SIG158", name="value-not-judged", severity="info", judges=SigstoreObject)


def check(found: SigstoreObject, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.unjudged import problems

    yield from problems(found.document)
