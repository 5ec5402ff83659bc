"""A policy lets every image in without a signature.

What it does
------------
Reports policies for all images (`**`) whose authorities are all static with `action: pass`, without a `match`.

Why is this bad
---------------
Every image has a policy then, so that `no-match-policy: deny`, the controller's default, never denies one. Images that
no other policy is about come in unverified.

Example
-------
    images:
    - glob: "**"
    authorities:
    - static: {action: pass}

Use instead
-----------
    images:
    - glob: registry.k8s.io/**
    authorities:
    - static: {action: pass}

References
----------
- https://docs.sigstore.dev/policy-controller/overview/
- https://github.com/sigstore/policy-controller/blob/main/docs/api-types/index.md
"""

from collections.abc import Iterator

from policylint.api import Problem, RelatedPath, Rule, RuleContext
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(id="SIG147", name="static-pass-everywhere", severity="warning", judges=ClusterImagePolicy)


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.globs import covers_everything

    if policy.match or policy.has_policy or not policy.authorities:
        return
    if any(authority.static != "pass" for authority in policy.authorities):
        return
    for image in policy.images:
        if covers_everything(image.glob):
            yield Problem(
                image.path / "glob",
                f"{image.glob} is every image, and all pass unverified: no-match-policy then never applies",
                "Name the registries that may pass, and leave the rest to no-match-policy: deny.",
                related=(RelatedPath(policy.authorities[0].path, "action: pass is here"),),
            )
