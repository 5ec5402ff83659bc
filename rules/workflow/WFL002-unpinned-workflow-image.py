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

from policylint.api import Option, Problem, RelatedPath, Rule, RuleContext, Severity
from policylint.views.images import MOVING_TAGS
from policylint.views.workflow import GithubFile

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
_SEEN = "write the image with its digest where it can be seen"
_SEVERITY: dict[str, Severity] = {"tag": "warning", "unknown": "info"}
_MESSAGES = {
    "none": "{image} has no tag and no digest, so it is latest",
    "moving-tag": "{image} has a tag that moves by convention, and no digest",
    "tag": "{image} has a tag and no digest; its publisher can move the tag",
    "malformed": "{image} is not an image reference: {reason}",
    "unknown": "whether {image} is pinned is unknown: {reason}",
}


def check(file: GithubFile, context: RuleContext) -> Iterator[Problem]:
    from policylint.views.workflow_images import workflow_images

    for image in workflow_images(file):
        if image.refusal:
            yield Problem(image.path, f"GitHub cannot run {_shown(image.what, image.text)}: {image.refusal}", _PIN)
        for candidate in image.candidates:
            pinning, reason = candidate.judge(context.options["moving-tags"])
            if pinning == "digest":
                continue
            message = _MESSAGES[pinning].format(image=_shown(image.what, candidate.text), reason=reason)
            related = tuple(RelatedPath(place, "this value of the matrix") for place in candidate.places)
            seen = _SEEN if pinning == "unknown" else _PIN
            yield Problem(image.path, message, seen, _SEVERITY.get(pinning), related)


def _shown(what: str, text: str) -> str:
    return f"{what} ({' '.join(text.split())})" if text else what
