"""Labels and annotations in patterns and patches are texts: kyverno pkg/validation/policy/validate.go
`isLabelAndAnnotationsString`.
"""

from collections.abc import Iterator
from typing import Any

from policylint.admission.kyverno.rule_bodies import REFUSED
from policylint.model import Problem, YamlPath
from policylint.views.shape import type_name

_TEMPLATE = ("spec", "template", "metadata")


def metadata_problems(pattern: Any, path: YamlPath) -> Iterator[Problem]:
    """The values that are no texts under `labels` and `annotations`, of the object and of its pod template.

    Upstream looks at one of the two only, whichever its map yields first, so any of them may get a policy refused.
    """
    if not isinstance(pattern, dict):
        return
    yield from _of_metadata(pattern.get("metadata"), path / "metadata")
    template: Any = pattern
    for step in _TEMPLATE:
        template = template.get(step) if isinstance(template, dict) else None
    yield from _of_metadata(template, path / _TEMPLATE)


def _of_metadata(metadata: Any, path: YamlPath) -> Iterator[Problem]:
    for field in ("labels", "annotations"):
        values = metadata.get(field) if isinstance(metadata, dict) else None
        for key, value in values.items() if isinstance(values, dict) else ():
            if not isinstance(value, str):
                yield Problem(
                    path / field / key,
                    f"{field} have string values, {key} has {type_name(value)}: {REFUSED}",
                    help="Put the value in quotes." if isinstance(value, bool | int | float) else "Write a string.",
                )
