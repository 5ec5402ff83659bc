"""A container image has a tag and no digest.

What it does
------------
Asks for a digest on the image of every container, init container, ephemeral container and image volume. An image
without any tag belongs to IMG001, and what is no reference at all to IMG003. Off unless the profile `pinned` is chosen.

Why is this bad
---------------
A tag is a name that its publisher can give to another image; only a digest is computed from the content. Signature
checks, rollbacks and audits that start from a tag start from whatever it names at that moment.

Example
-------
    containers:
      - name: web
        image: nginx:1.27.4

Use instead
-----------
    containers:
      - name: web
        image: nginx:1.27.4@sha256:<64 hexadecimal digits>

References
----------
- https://kubernetes.io/docs/concepts/containers/images/#image-names
- https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests
"""

from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.images import ImageReferenceError, parse_image
from policylint.views.workload import Workload

RULE = Rule(
    id="IMG002",
    name="image-without-digest",
    severity="warning",
    judges=Workload,
    default=False,
    profiles=("pinned",),
    aliases=("checkov:CKV_K8S_43",),
)


def check(workload: Workload, _context: RuleContext) -> Iterator[Problem]:
    for use in workload.images():
        try:
            reference = parse_image(use.image)
        except ImageReferenceError:
            continue
        if reference.tag is not None and reference.digest is None:
            message = f"the image {use.image} of {use.user} has the tag {reference.tag} and no digest"
            yield Problem(use.path, message, f"add the digest of that tag: {use.image}@sha256:<64 hexadecimal digits>")
