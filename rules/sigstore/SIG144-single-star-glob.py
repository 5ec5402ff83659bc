"""A glob with a single star looks like a whole registry, and is not.

What it does
------------
Reports globs such as `registry.example.com/*`. In a ClusterImagePolicy `*` stops at `/` and `**` does not, while in
Kyverno's patterns `*` crosses it; of registries whose images always lie deeper (`ghcr.io/*`) nothing matches at all.
Also reports `*` and `*/*`, which are short for Docker Hub's images only.

Why is this bad
---------------
Images that the author means to verify come in without any check by this policy.

Example
-------
    images:
    - glob: ghcr.io/*

Use instead
-----------
    images:
    - glob: ghcr.io/**

References
----------
- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/glob/glob.go
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(id="SIG144", name="single-star-glob", severity="warning", judges=ClusterImagePolicy)


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.globs import is_glob, shallow
    from policylint.views.globs import DIFFERENCE

    for image in policy.images:
        reason = shallow(image.glob) if is_glob(image.glob) else ""
        if reason:
            yield Problem(
                image.path / "glob",
                f"{image.glob} is less than it looks like, {reason}",
                f"Use ** for any depth: {DIFFERENCE}.",
            )
