"""A pattern of images to verify has neither a tag nor a wildcard, so that it matches no image.

What it does
------------
Reports `imageReferences` that end in a plain repository name. Kyverno compares the pattern with the whole name of an
image, and that always ends in a tag (`latest` where none is written) or a digest.

Why is this bad
---------------
Nothing is verified, and nothing says so: the policy is ready, and every image passes.

Example
-------
```yaml
    verifyImages:
    - imageReferences: [ghcr.io/org/app]
```

Use instead
-----------
```yaml
    verifyImages:
    - imageReferences: ["ghcr.io/org/app:*", "ghcr.io/org/app@*"]
```

References
----------
- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/overview/
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.kyverno import KyvernoPolicy

RULE = Rule(
    id="KYV140",
    name="image-reference-without-tag",
    severity="warning",
    judges=KyvernoPolicy,
)


def check(policy: KyvernoPolicy, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno.attestors import entries
    from policylint.admission.kyverno.image_references import without_tag

    for entry in entries(policy):
        yield from without_tag(entry)
