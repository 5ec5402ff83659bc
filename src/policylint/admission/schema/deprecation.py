"""Versions and kinds on their way out: what the API server and Kyverno's webhook warn of."""

from collections.abc import Iterator

from policylint.admission.schema.table import Schema, schema_of
from policylint.document.document import Document
from policylint.model import Fix, Problem, SetValue, YamlPath

# the first release whose webhook warns of kyverno.io policy kinds, and the one from which on the versions that take the
# place of deprecated ones are served
_LEGACY_SINCE = (1, 19)
_SERVED_SINCE = (1, 17)
_SUCCESSORS = {
    "ClusterPolicy": "ValidatingPolicy, ImageValidatingPolicy, MutatingPolicy or GeneratingPolicy",
    "Policy": "their namespaced forms, such as NamespacedValidatingPolicy",
    "ClusterCleanupPolicy": "DeletingPolicy",
    "CleanupPolicy": "NamespacedDeletingPolicy",
    "PolicyException": "PolicyException of policies.kyverno.io",
}


def problems(document: Document, kyverno: tuple[int, int] | None) -> Iterator[Problem]:
    """What is said of the document's version, and of its kind when `kyverno` is known to be new enough to say it."""
    schema = schema_of(document.api_version, document.kind)
    if schema is None:
        return
    if schema.version.deprecated and (kyverno is None or kyverno >= _SERVED_SINCE):
        yield _version(document, schema, certain=kyverno is not None)
    successors = _SUCCESSORS.get(document.kind) if document.group == "kyverno.io" else None
    if successors is not None and kyverno is not None and kyverno >= _LEGACY_SINCE:
        message = f"{document.kind} of kyverno.io is deprecated since Kyverno 1.19, whose webhook warns of it"
        yield Problem(YamlPath.of("kind"), message, f"move to {successors}")


def _version(document: Document, schema: Schema, *, certain: bool) -> Problem:
    others = schema.table.other_versions(document.api_version, document.kind)
    lasting = [name for name, version in others.items() if not version.deprecated]
    stored = next((name for name in lasting if others[name].storage), lasting[0] if lasting else "")
    here = YamlPath.of("apiVersion")
    message = f"{document.api_version} of {document.kind} is deprecated: the API server warns of it"
    if not stored:
        return Problem(here, message)
    fix = None
    if others[stored].root == schema.version.root:
        fix = Fix(f"move to {stored}, which has the same fields", (SetValue(here, stored),), safe=certain)
    return Problem(here, message, f"write `apiVersion: {stored}`", fix=fix)
