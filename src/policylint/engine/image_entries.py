"""Entries of `verifyImages`: kyverno api/kyverno/v1/image_verification_types.go."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from policylint.engine.errors import InvalidPolicy
from policylint.engine.wildcard import match
from policylint.model import YamlPath
from policylint.views.shape import Shape


class ImageEntry(NamedTuple):
    """One entry, with the API server's defaults and its old fields (`image`, `key`, `issuer`) in their present form."""

    path: YamlPath
    references: tuple[str, ...]
    skipped: tuple[str, ...]
    attestors: tuple[Mapping[str, Any], ...]
    attestations: tuple[Mapping[str, Any], ...]
    required: bool
    mutates_digest: bool
    verifies_digest: bool

    @classmethod
    def of(cls, data: Mapping[str, Any], path: YamlPath) -> "ImageEntry":
        """The entry in `data` at `path`. Raises InvalidPolicy for wrong types."""
        shape = Shape()

        def texts(key: str) -> tuple[str, ...]:
            return tuple(text for _, text in shape.strings(data.get(key), path / key))

        def mappings(key: str) -> tuple[Mapping[str, Any], ...]:
            return tuple(item for _, item in shape.mappings(data.get(key), path / key))

        def is_on(key: str) -> bool:
            return shape.boolean(data.get(key), path / key) is not False

        image = shape.string(data.get("image"), path / "image")
        old = _old_attestor(data)
        attestations = mappings("attestations")
        attestors = mappings("attestors")
        if old and attestations:
            attestations = tuple({"attestors": [old], **attestation} for attestation in attestations)
        elif old:
            attestors = (*attestors, old)
        entry = cls(
            path,
            (image,) if image else texts("imageReferences"),
            texts("skipImageReferences"),
            attestors,
            attestations,
            is_on("required"),
            is_on("mutateDigest"),
            is_on("verifyDigest"),
        )
        if shape.problems:
            raise InvalidPolicy(shape.problems[0].message, shape.problems[0].path)
        return entry

    @property
    def verifies(self) -> bool:
        """Whether it asks for signatures or attestations."""
        return bool(self.attestors or self.attestations)

    def is_for(self, image: str) -> bool:
        """Whether its imageReferences match an image's reference in full."""
        return any(match(reference, image) for reference in self.references)

    def skips(self, image: str) -> bool:
        return any(match(reference, image) for reference in self.skipped)


def _old_attestor(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the fields of old policies ask for (`ImageVerification.Convert`), empty without them."""
    entry: dict[str, Any] = {}
    if data.get("key"):
        entry["keys"] = {"publicKeys": data["key"]}
    elif data.get("issuer") or data.get("subject"):
        entry["keyless"] = {key: data[key] for key in ("issuer", "subject") if data.get(key)}
    if entry and data.get("annotations"):
        entry["annotations"] = data["annotations"]
    return {"entries": [entry]} if entry else {}
