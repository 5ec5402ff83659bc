"""Signatures of private images must be in the public transparency log.

What it does
------------
Reports authorities with a key whose `ctlog` is the public Rekor, in policies for registries that are not known to be
public. The rule belongs to the profile `strict`.

Why is this bad
---------------
The log publishes the digest, the key and the time of every signature for good. Signatures made with
`--tlog-upload=false`, which keeps them private, fail the policy.

Example
-------
    images:
    - glob: registry.internal.example.com/**
    authorities:
    - key: {secretRef: {name: cosign-public-key}}
      ctlog: {url: "https://rekor.sigstore.dev"}

Use instead
-----------
    images:
    - glob: registry.internal.example.com/**
    authorities:
    - key: {secretRef: {name: cosign-public-key}}
      ctlog: {url: "https://rekor.internal.example.com"}

References
----------
- https://docs.sigstore.dev/logging/overview/
"""

from collections.abc import Iterator

from policylint.api import Problem, RelatedPath, Rule, RuleContext
from policylint.views.sigstore import ClusterImagePolicy

RULE = Rule(
    id="SIG155",
    name="public-log-for-private-images",
    severity="info",
    judges=ClusterImagePolicy,
    default=False,
    profiles=("strict",),
)

_PUBLIC = ("", "index.docker.io", "docker.io", "ghcr.io", "quay.io", "public.ecr.aws", "registry.k8s.io", "gcr.io")


def check(policy: ClusterImagePolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.sigstore.globs import covers_everything, parts

    private = [image for image in policy.images if parts(image.glob).registry not in _PUBLIC]
    private = [image for image in private if image.glob and not covers_everything(image.glob)]
    for authority in policy.authorities:
        if authority.key is not None and private and "//rekor.sigstore.dev" in authority.ctlog_url:
            yield Problem(
                authority.path / "ctlog" / "url",
                f"signatures of {private[0].glob} must be in the public log, for anybody to read",
                "Use a log of your own, or leave ctlog out and sign with --tlog-upload=false.",
                related=(RelatedPath(private[0].path / "glob", "the images are these"),),
            )
