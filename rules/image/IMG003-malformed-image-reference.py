r"""A container image is not an image reference.

What it does
------------
Reads the image of every container, init container, ephemeral container and image volume by the grammar that container
runtimes use, and reports what it refuses: a digest wrapped over two lines or of the wrong length, upper-case letters
in the repository, a URL's scheme, spaces. A placeholder such as `${TAG}`, `$(TAG)` or `{{ tag }}` that nothing has
filled in is refused as well: Kubernetes expands none of them in this field.

Why is this bad
---------------
The API server stores the text as it is. The kubelet then refuses it, and the pod stays in `InvalidImageName`.

Example
-------
    containers:
      - name: web
        image: "registry.example/web@sha256:45b23dee08af5e43a7fea6c4cf9c25cc\
    f269ee113168c19722f87876677c5cb2"

Use instead
-----------
    containers:
      - name: web
        image: registry.example/web@sha256:45b23dee08af5e43a7fea6c4cf9c25ccf269ee113168c19722f87876677c5cb2

References
----------
- https://github.com/distribution/reference/blob/main/reference.go
- https://kubernetes.io/docs/concepts/containers/images/#image-names
"""

import re
from collections.abc import Iterator

from policylint.api import Problem, Rule, RuleContext
from policylint.views.images import ImageReferenceError, parse_image
from policylint.views.workload import Workload

RULE = Rule(id="IMG003", name="malformed-image-reference", severity="error", judges=Workload)
_PLACEHOLDER = re.compile(r"\$\{[^}]*\}|\$\([^)]*\)|\{\{.*?\}\}|\$[A-Za-z_]\w*")


def check(workload: Workload, _context: RuleContext) -> Iterator[Problem]:
    for use in workload.images():
        try:
            parse_image(use.image)
        except ImageReferenceError as error:
            if workload.injects_image(use.image):
                continue
            placeholder = _PLACEHOLDER.search(use.image)
            if placeholder is not None:
                reason = f"{placeholder[0]} is a placeholder, and Kubernetes does not fill it in"
                fix = "fill it in before the manifest is applied, or judge the rendered manifest instead of this one"
            else:
                reason, fix = str(error), "write registry/repository:tag@sha256:<64 hexadecimal digits> on one line"
            yield Problem(use.path, f"the image {use.image!r} of {use.user} is refused: {reason}", fix)
