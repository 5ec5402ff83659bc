"""The context of a rule: kyverno pkg/validation/policy/validate.go `validateRuleContext` and what it calls.

That an entry has one source, and that sources name what they read, is in the schema.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.expressions import expression_defect, has_variable
from policylint.admission.kyverno.rule_bodies import REFUSED, Version, rules_of, text_of
from policylint.admission.stored import Stored
from policylint.model import Problem, RelatedPath, YamlPath
from policylint.views.shape import Shape

RESERVED = ("images", "request", "serviceAccountName", "serviceAccountNamespace", "element", "elementIndex")
_SOURCES = ("configMap", "apiCall", "imageRegistry", "globalReference", "variable")


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """What is refused of the entries that rules have; those of loops and targets the webhook does not look at."""
    shape = Shape()
    for rule in rules_of(stored):
        for path, entry in shape.mappings(rule.data.get("context"), rule.path / "context"):
            yield from _name(entry, path)
            yield from _source(shape, entry, path)


def _name(entry: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    name = entry.get("name")
    if not isinstance(name, str):
        return
    if not name:
        yield Problem(path / "name", f"the context entry has an empty name: {REFUSED}", help="Name the entry.")
    taken = next((known for known in RESERVED if name == known or name.startswith(known + ".")), None)
    if taken is not None:
        yield Problem(
            path / "name",
            f'a context entry cannot be called "{name}", which {taken} already is: {REFUSED}',
            help="Give the entry another name.",
        )


def _source(shape: Shape, entry: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    for key in _SOURCES:
        if isinstance(entry.get(key), Mapping):
            source = entry[key]
            yield from _details(shape, key, source, path / key)
            yield from _query(source, path / key)


def _details(shape: Shape, key: str, source: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    if key == "configMap":
        for field in ("name", "namespace"):
            if (field == "namespace" or source.get("name") is not None) and not text_of(source.get(field)):
                yield Problem(
                    path / field,
                    f"the configMap has no {field}: {REFUSED}",
                    help=f"Add the {field} of the ConfigMap to read.",
                )
    elif key == "apiCall":
        if text_of(source.get("urlPath")) and source.get("service") is not None:
            yield Problem(
                path / "urlPath",
                f"the apiCall has a urlPath and a service: {REFUSED}",
                help="Keep urlPath to ask the Kubernetes API, service to ask another server.",
                related=(RelatedPath(path / "service", "the other server"),),
                at="key",
            )
    elif key == "imageRegistry":
        yield from _reference(source, path / "reference")
    elif key == "variable":
        yield from _variable(source, path)


def _reference(source: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    reference = source.get("reference")
    if not isinstance(reference, str) or has_variable(reference):
        return
    if not reference:
        yield Problem(path, f"the imageRegistry has an empty reference: {REFUSED}", help="Name the image to look up.")
        return
    from policylint.views.images import ImageReferenceError, parse_image

    try:
        parse_image(reference)
    except ImageReferenceError as error:
        yield Problem(path, f"{reference} is no image reference, {error}: {REFUSED}", help="Correct the reference.")


def _variable(source: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    if text_of(source.get("jmesPath")):
        return
    if source.get("value") is None:
        yield Problem(
            path,
            f"the variable has neither value nor jmesPath: {REFUSED}",
            help="Give it a value, a jmesPath, or both.",
        )
    if source.get("default") is not None:
        yield Problem(
            path / "default",
            f"the variable has a default, but no jmesPath that could yield nothing: {REFUSED}",
            help="Remove the default, or add the jmesPath that it is for.",
            at="key",
        )


def _query(source: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    expression = text_of(source.get("jmesPath"))
    if not expression or has_variable(expression):
        return
    defect = expression_defect(expression)
    if defect:
        yield Problem(path / "jmesPath", f"{defect}: {REFUSED}", help="Correct the expression.")
