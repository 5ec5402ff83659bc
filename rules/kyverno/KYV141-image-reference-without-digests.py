"""A pattern of images to verify matches tags only, so that an image named by its digest is not verified.

What it does
------------
Reports `imageReferences` with a wildcard for the tag (`app:*`) in entries that have no pattern for the same image with
a digest. Of an image that has a digest, Kyverno compares the name with the digest and without the tag.

Why is this bad
---------------
Whoever wants an unsigned image in writes its digest instead of its tag.

Example
-------
```yaml
    - imageReferences: ["ghcr.io/org/app:*"]
```

Use instead
-----------
```yaml
    - imageReferences: ["ghcr.io/org/app:*", "ghcr.io/org/app@*"]
```
or `ghcr.io/org/*`: in Kyverno's patterns `*` matches any text, slashes, colons and `@` included. That is not so in a
ClusterImagePolicy of sigstore, where `*` ends at a slash.

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/overview/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno import KyvernoPolicy

RULE = Rule(
    id="KYV141",
    name="image-reference-without-digests",
    severity="warning",
    judges=KyvernoPolicy,
)


def check(policy: KyvernoPolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno.attestors import entries
    from policylint.admission.kyverno.image_references import without_digests

    for entry in entries(policy):
        yield from without_digests(entry)
