"""A glob can never match an image.

What it does
------------
Reports globs that no image's name has the form of: without a registry in front (only `**` makes up for it), with a
scheme, with a tag, with empty segments or upper-case letters. policy-controller resolves every image to its digest and
holds the whole name, as `index.docker.io/library/nginx@sha256:...`, against the glob. Names of Docker Hub that no image
has are `SIG143`.

Why is this bad
---------------
The policy is accepted and verifies nothing; whether the images come in is up to `no-match-policy`.

Example
-------
    images:
    - glob: myteam/app*
    - glob: registry.example.com/app:1.2

Use instead
-----------
    images:
    - glob: index.docker.io/myteam/app*
    - glob: registry.example.com/app@*

References
----------
- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/glob/glob.go
- https://github.com/sigstore/policy-controller/blob/main/pkg/webhook/validator.go
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(id="SIG152", name="glob-never-matches", severity="warning", judges=ClusterImagePolicy)


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.globs import is_glob, never, other_hub_name
    from policylint.views.globs import DIFFERENCE

    for image in policy.images:
        reason = never(image.glob) if is_glob(image.glob) and not other_hub_name(image.glob) else ""
        if reason:
            yield Problem(
                image.path / "glob",
                f"no image matches {image.glob}, {reason}",
                f"Write the registry, the repository, and ** for whatever follows: {DIFFERENCE}.",
            )
