"""A container image that a workflow or an action runs is not pinned to a digest.

What it does
------------
Looks at job containers, services, `docker://` steps and Docker actions. No tag, a moving tag or a malformed reference
is an error; any other tag without a digest is a warning. Values of the matrix are judged one by one. What only a run
decides is reported as unknown.

Why is this bad
---------------
A tag names whatever its publisher pushed last. The job then runs code that nobody reviewed, and two runs of one
commit can differ. A digest names one image for ever.

Example
-------
    container: node:latest

Use instead
-----------
    container: node:22@sha256:<64 hexadecimal digits>

References
----------
- https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
- https://docs.zizmor.sh/audits/#unpinned-images
"""

from collections.abc import Iterator

from policylint.api import Option, Problem, RelatedPath, Rule, RuleContext
from policylint.views.images import MOVING_TAGS
from policylint.views.workflow import GithubFile
from policylint.views.workflow_images import Candidate, WorkflowImage, judge, workflow_images

_TAGS = {"type": "array", "items": {"type": "string"}}
RULE = Rule(
    id="WFL002",
    name="unpinned-workflow-image",
    severity="error",
    judges=GithubFile,
    options={"moving-tags": Option(_TAGS, list(MOVING_TAGS), "tags that their publishers move by convention")},
    aliases=("zizmor:unpinned-images",),
)
_PIN = "add the digest: name:tag@sha256:<64 hexadecimal digits>"


def check(file: GithubFile, context: RuleContext) -> Iterator[Problem]:
    moving = context.options["moving-tags"]
    for image in workflow_images(file):
        if image.refusal:
            yield Problem(image.path, f"GitHub cannot run {_shown(image, image.text)}: {image.refusal}", _PIN)
        for candidate in image.candidates:
            yield from _judged(image, candidate, moving)


def _judged(image: WorkflowImage, candidate: Candidate, moving: list[str]) -> Iterator[Problem]:
    pinning, reason = judge(candidate, moving)
    shown = _shown(image, candidate.text)
    related = tuple(RelatedPath(place, "this value of the matrix") for place in candidate.places)
    if pinning == "none":
        yield Problem(image.path, f"{shown} has no tag and no digest, so it is latest", _PIN, None, related)
    elif pinning == "moving-tag":
        yield Problem(image.path, f"{shown} has a tag that moves by convention, and no digest", _PIN, None, related)
    elif pinning == "tag":
        message = f"{shown} has a tag and no digest; its publisher can move the tag"
        yield Problem(image.path, message, _PIN, "warning", related)
    elif pinning == "malformed":
        yield Problem(image.path, f"{shown} is not an image reference: {reason}", _PIN, None, related)
    elif pinning == "unknown":
        message = f"whether {image.what} is pinned is unknown: {reason}"
        yield Problem(image.path, message, "write the image with its digest where it can be seen", "info", related)


def _shown(image: WorkflowImage, text: str) -> str:
    return f"{image.what} ({' '.join(text.split())})" if text else image.what
