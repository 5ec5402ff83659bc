"""The images that an object names: kyverno pkg/utils/api/image.go and pkg/utils/image/infos.go."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from policylint.engine import jmespath
from policylint.engine.errors import EvaluationError
from policylint.views.images import DEFAULT_REGISTRY, ImageReferenceError, parse_image

_POD_SPECS: dict[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "DaemonSet": ("spec", "template", "spec"),
    "Deployment": ("spec", "template", "spec"),
    "ReplicaSet": ("spec", "template", "spec"),
    "ReplicationController": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
_CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")

ImageInfo = dict[str, Any]


class _Extractor(NamedTuple):
    """Where images stand: `fields` with `*` for every item; `value` holds the image, `key` the name to list it by."""

    group: str
    fields: tuple[str, ...]
    key: str
    value: str
    expression: str = ""


def extract_images(
    resource: Mapping[str, Any], extractors: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
) -> dict[str, dict[str, ImageInfo]]:
    """The images of `resource`: `{"containers": {"app": {"registry": …, "path": …, "tag": …}}}`.

    `extractors` are a rule's `imageExtractors`; for a kind that they list they take the place of the containers of
    pods and what makes pods. A group without images is left out. Raises EvaluationError for an image that is no
    reference, and for an object that is not laid out as the extractor says.
    """
    found = {}
    for extractor in _extractors(str(resource.get("kind") or ""), extractors):
        images: dict[str, ImageInfo] = {}
        _extract(resource, (), extractor.fields, extractor, images)
        if images:
            found[extractor.group] = images
    return found


def image_info(image: str) -> ImageInfo:
    """The parts of an image reference, with the default registry `docker.io` and tag `latest` filled in.

    Without a tag, or without a digest, there is no such key. Raises EvaluationError when it is no reference.
    """
    full = _with_registry(image)
    try:
        reference = parse_image(full)
    except ImageReferenceError as error:
        raise EvaluationError(f"{image!r} is not an image reference: {error}") from error
    registry, _, rest = full.partition("/")
    # upstream does not fill in Docker Hub's `library/`
    path = reference.repository if rest.startswith("library/") else reference.repository.removeprefix("library/")
    tag, digest = reference.tag or "", reference.digest or ""
    if not tag and not digest:
        tag = "latest"
    name = f"{registry}/{path}"
    parts = {
        "registry": registry,
        "name": path.rpartition("/")[2],
        "path": path,
        "tag": tag,
        "digest": digest,
        "reference": f"{name}@{digest}" if digest else f"{name}:{tag}",
        "referenceWithTag": f"{name}:{tag}",
    }
    return {key: value for key, value in parts.items() if value}


def _with_registry(image: str) -> str:
    first, slash, _ = image.partition("/")
    if not slash or (not any(sign in first for sign in ".:") and first != "localhost" and first == first.lower()):
        return f"{DEFAULT_REGISTRY}/{image}"
    return image


def _extractors(kind: str, custom: Mapping[str, Sequence[Mapping[str, Any]]] | None) -> list[_Extractor]:
    if custom is not None and kind in custom:
        if not custom[kind]:
            raise EvaluationError(f"there are no image extractors for {kind}")
        return [_custom(config) for config in custom[kind]]
    spec = _POD_SPECS.get(kind)
    return [] if spec is None else [_Extractor(name, (*spec, name, "*"), "name", "image") for name in _CONTAINER_LISTS]


def _custom(config: Mapping[str, Any]) -> _Extractor:
    fields = [field for part in str(config.get("path") or "").split("/") if (field := part.strip(" "))]
    value = str(config.get("value") or "")
    if not value:
        if not fields:
            raise EvaluationError("an image extractor has no path")
        value = fields.pop()
    return _Extractor(
        str(config.get("name") or "custom"),
        tuple(fields),
        str(config.get("key") or ""),
        value,
        str(config.get("jmesPath") or ""),
    )


def _extract(
    value: Any, place: tuple[str, ...], fields: tuple[str, ...], extractor: _Extractor, images: dict[str, ImageInfo]
) -> None:
    if value is None:
        return
    if fields and fields[0] == "*":
        if not isinstance(value, list | Mapping):
            raise EvaluationError(f"/{'/'.join(place)} is neither a list nor a mapping, so it holds no images")
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, item in items:
            _extract(item, (*place, str(key)), fields[1:], extractor, images)
    elif not isinstance(value, Mapping):
        raise EvaluationError(f"/{'/'.join(place)} is not a mapping, so it holds no image")
    elif fields:
        _extract(value.get(fields[0]), (*place, fields[0]), fields[1:], extractor, images)
    else:
        _add_image(value, place, extractor, images)


def _add_image(
    holder: Mapping[str, Any], place: tuple[str, ...], extractor: _Extractor, images: dict[str, ImageInfo]
) -> None:
    pointer = f"/{'/'.join(place)}/{extractor.value}"
    key = holder.get(extractor.key) if extractor.key else pointer
    if not isinstance(key, str):
        raise EvaluationError(f"/{'/'.join(place)} has no {extractor.key}, by which its image is listed")
    image = holder.get(extractor.value)
    if not isinstance(image, str) or not image.strip():
        return
    if extractor.expression:
        image = jmespath.compile(extractor.expression).search(image)
        if not isinstance(image, str):
            raise EvaluationError(f"the extractor's jmesPath {extractor.expression} yields no text for {pointer}")
    images[key] = {**image_info(image), "jsonPointer": pointer}
