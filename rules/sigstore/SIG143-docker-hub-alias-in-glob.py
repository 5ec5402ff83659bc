"""A glob has a name of Docker Hub that no image has.

What it does
------------
Reports globs whose registry is `docker.io` or another alias, and images of Docker Hub without their namespace. Before
policy-controller compares, it completes every name: `nginx` and `docker.io/library/nginx` are
`index.docker.io/library/nginx`.

Why is this bad
---------------
The glob never matches, so images of Docker Hub are not verified by this policy.

Example
-------
    images:
    - glob: docker.io/library/*

Use instead
-----------
    images:
    - glob: index.docker.io/library/*

References
----------
- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/glob/glob.go
- https://github.com/google/go-containerregistry/blob/main/pkg/name/registry.go
"""

from collections.abc import Iterator

from policylint.api import Fix, Problem, Rule, RuleContext, SetValue
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(id="SIG143", name="docker-hub-alias-in-glob", severity="warning", judges=ClusterImagePolicy)


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.globs import is_glob, other_hub_name

    for image in policy.images:
        instead = other_hub_name(image.glob) if is_glob(image.glob) else ""
        if instead:
            yield Problem(
                image.path / "glob",
                f"{image.glob} never matches: policy-controller knows Docker Hub's images as index.docker.io/...",
                f"Write {instead}.",
                fix=Fix(f"write {instead}", (SetValue(image.path / "glob", instead),)),
            )
