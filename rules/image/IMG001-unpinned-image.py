"""A container image has no tag, or a tag that its publisher moves.

What it does
------------
Looks at the image of every container, init container, ephemeral container and image volume of every kind that holds
pods. No tag and no digest is an error, and so is a tag that moves by convention, such as `latest`; the option
`moving-tags` says which do. With a digest the tag does not count. What is no reference at all belongs to IMG003.

Why is this bad
---------------
The same manifest runs different code on different nodes and days, a rollback brings back the name and not the code,
and whoever can push to the repository decides what the next pod runs.

Example
-------
    containers:
      - name: web
        image: nginx:latest

Use instead
-----------
    containers:
      - name: web
        image: nginx:1.27.4@sha256:<64 hexadecimal digits>

References
----------
- https://kubernetes.io/docs/concepts/containers/images/#image-names
- https://kubernetes.io/docs/concepts/configuration/overview/#container-images
"""

from collections.abc import Iterator

from policylint.api import Option, Problem, Rule, RuleContext
from policylint.views.images import MOVING_TAGS, ImageReferenceError, judge_pinning, parse_image
from policylint.views.workload import Workload

_TAGS = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
RULE = Rule(
    id="IMG001",
    name="unpinned-image",
    severity="error",
    judges=Workload,
    options={"moving-tags": Option(_TAGS, list(MOVING_TAGS), "tags that publishers move; no tag at all is always one")},
    aliases=("kube-linter:latest-tag",),
)


def check(workload: Workload, context: RuleContext) -> Iterator[Problem]:
    for use in workload.images():
        try:
            reference = parse_image(use.image)
        except ImageReferenceError:
            continue
        pinning = judge_pinning(reference, context.options["moving-tags"])
        if pinning == "none" and not workload.injects_image(use.image):
            why = "has no tag and no digest, so it is whatever latest is when a node pulls it"
        elif pinning == "moving-tag":
            why = f"has the tag {reference.tag}, which moves by convention"
        else:
            continue
        name = reference.text.removesuffix(f":{reference.tag}")
        fix = f"name one version, best by its digest: {name}:<version>@sha256:<64 hexadecimal digits>"
        yield Problem(use.path, f"the image {use.image} of {use.user} {why}", fix)
