"""An ImageValidatingPolicy verifies the images of containers, and not those of init or ephemeral containers.

What it does
------------
Reports policies for pods whose validations speak of `images.containers` and never of `images.initContainers` or
`images.ephemeralContainers`.

Why is this bad
---------------
`all()` over the images of one list says nothing about the others: an unsigned image runs as an init container, with
the pod's service account and volumes. Over an empty list `all()` is true, so that a pattern in `matchImageReferences`
that misses the image admits it too.

Example
-------
```yaml
  validations:
  - expression: images.containers.all(image, verifyImageSignatures(image, [attestors.cosign]) > 0)
```

Use instead
-----------
```yaml
  validations:
  - expression: >-
      (images.containers + images.initContainers + images.ephemeralContainers)
      .all(image, verifyImageSignatures(image, [attestors.cosign]) > 0)
```

References
----------
- https://kyverno.io/docs/policy-types/image-validating-policy/
"""

from collections.abc import Iterator

from policylint.admission.stored import Stored
from policylint.api import Problem, Rule, RuleContext

RULE = Rule(
    id="KYV153",
    name="verification-leaves-out-containers",
    severity="warning",
    judges=Stored,
    kinds=("policies.kyverno.io/ImageValidatingPolicy", "policies.kyverno.io/NamespacedImageValidatingPolicy"),
)


def check(stored: Stored, _context: RuleContext) -> Iterator[Problem]:
    from policylint.admission.kyverno.image_lists import problems

    yield from problems(stored)
