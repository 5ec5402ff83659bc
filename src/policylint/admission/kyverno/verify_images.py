"""`verifyImages` entries that Kyverno's webhook refuses: kyverno api/kyverno/v1/image_verification_types.go `Validate`
and `Convert`, pkg/validation/policy/validate.go `imageRefHasVariables`.

Digest mutation while auditing is a rule of its own; what attestors are made of is in `attestor_sets`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.kyverno.attestor_sets import attestor_set_problems, sets_of
from policylint.admission.kyverno.rule_bodies import REFUSED, Version, is_at_least, rules_of, text_of
from policylint.admission.stored import Stored
from policylint.engine.variables.syntax import occurrences
from policylint.model import Problem, RelatedPath, YamlPath
from policylint.views.shape import Shape

_OLD_FIELDS = "v1"
_NOTARY_SINCE = (1, 11)


def problems(stored: Stored, kyverno: Version) -> Iterator[Problem]:
    """What the webhook refuses in the `verifyImages` of each rule."""
    shape = Shape()
    old = stored.document.version == _OLD_FIELDS
    for rule in rules_of(stored):
        for path, entry in shape.mappings(rule.data.get("verifyImages"), rule.path / "verifyImages"):
            yield from _references(shape, entry, path, old=old)
            for here, attestors in sets_of(shape, entry, path):
                yield from attestor_set_problems(shape, attestors, here)
            for attestation_path, attestation in shape.mappings(entry.get("attestations"), path / "attestations"):
                for here, attestors in sets_of(shape, attestation, attestation_path):
                    yield from attestor_set_problems(shape, attestors, here)
            if old:
                yield from _converted(shape, entry, path)
            if entry.get("type") == "Notary" and is_at_least(kyverno, _NOTARY_SINCE):
                yield from _notary(shape, entry, path)


def _references(shape: Shape, entry: Mapping[str, Any], path: YamlPath, *, old: bool) -> Iterator[Problem]:
    references = shape.strings(entry.get("imageReferences"), path / "imageReferences")
    if old and text_of(entry.get("image")):
        references.append((path / "image", text_of(entry.get("image"))))
    if not references and not entry.get("imageReferences"):
        yield Problem(
            path / "imageReferences",
            f"this entry names no images to verify: {REFUSED}",
            help='Set imageReferences, such as ["registry.example.com/*"].',
        )
    for here, reference in references:
        if any(occurrences(reference)):
            yield Problem(
                here,
                f"image references take no variables, this is {reference}: {REFUSED}",
                help="Write the reference with wildcards, and decide further by preconditions.",
            )


def _converted(shape: Shape, entry: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    """What becomes of the fields that were there before attestors (`Convert`).

    With attestations, upstream drops what it made of them, and judges nothing of it.
    """
    image, key, issuer = (text_of(entry.get(field)) for field in ("image", "key", "issuer"))
    if key or shape.sequence(entry.get("attestations"), path / "attestations"):
        return
    if issuer:
        if not text_of(entry.get("roots")):
            yield Problem(
                path / "issuer",
                f"issuer stands for a keyless attestor without rekor and roots: {REFUSED}",
                help="Write attestors with entries.keyless, and there issuer, subject and rekor.url.",
                at="key",
            )
    elif image and shape.mapping(entry.get("annotations"), path / "annotations"):
        yield Problem(
            path / "annotations",
            f"annotations stand here for an attestor without a key: {REFUSED}",
            help="Write imageReferences instead of image, and attestors whose entries have the annotations.",
            at="key",
        )


def _notary(shape: Shape, entry: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    for here, attestors in sets_of(shape, entry, path):
        for entry_path, attestor in shape.mappings(attestors.get("entries"), here / "entries"):
            for field in ("keyless", "keys"):
                if attestor.get(field) is not None:
                    yield Problem(
                        entry_path / field,
                        f"an entry of type Notary verifies with certificates, not with {field}: {REFUSED}",
                        help="Write certificates, or set type: Cosign.",
                        related=(RelatedPath(path / "type", "the type"),),
                        at="key",
                    )
