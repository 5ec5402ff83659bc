"""Every image must be signed with one and the same key.

What it does
------------
Reports policies for all images (`**`), without a `match`, whose only authority is a key.

Why is this bad
---------------
In namespaces that opt in, images that others build (proxies, agents, databases, injected sidecars) are denied, since
nobody signed them with that key. Signing all of them oneself gives one key power over everything, and no way to renew
it in steps.

Example
-------
    images:
    - glob: "**"
    authorities:
    - key: {secretRef: {name: cosign-public-key}}

Use instead
-----------
    images:
    - glob: registry.example.com/team/**
    authorities:
    - key: {secretRef: {name: cosign-public-key}}

References
----------
- https://docs.sigstore.dev/policy-controller/overview/
- https://github.com/sigstore/policy-controller/blob/main/docs/api-types/index.md
"""

from collections.abc import Iterator

from policylint.api import Problem, RelatedPath, Rule, RuleContext
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(id="SIG148", name="one-key-for-everything", severity="warning", judges=ClusterImagePolicy)


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.globs import covers_everything

    if policy.match or len(policy.authorities) != 1 or policy.authorities[0].key is None:
        return
    for image in policy.images:
        if covers_everything(image.glob):
            yield Problem(
                image.path / "glob",
                f"{image.glob} is every image, those of others too, and one key must have signed them all",
                "Narrow the glob to what this key signs, and add policies for other sources.",
                related=(RelatedPath(policy.authorities[0].key.path, "the key is here"),),
            )
