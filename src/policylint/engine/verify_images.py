"""Rules that verify images, with signatures as a suite declares them instead of those in a registry.

What the policy does with signatures is as in kyverno pkg/engine/internal/imageverifier.go and, below handlers,
mutation/mutate_image.go and validation/validate_image.go. Nothing cryptographic is checked, which every message says.
An image about which nothing is declared would need its registry, so it is not supported.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from policylint.engine.attestors import Attestors, Refused
from policylint.engine.conditions import evaluate_conditions
from policylint.engine.declared_images import DeclaredImage
from policylint.engine.errors import EvaluationError, InvalidPolicy, Unsupported
from policylint.engine.handling import Answer, NotApplied, RuleRun
from policylint.engine.image_entries import ImageEntry
from policylint.engine.images import ImageInfo, extract_images
from policylint.engine.request import Object
from policylint.engine.response import RuleResponse, Status
from policylint.engine.variables import substitute
from policylint.model import YamlPath
from policylint.views.shape import Shape

ANNOTATION = "kyverno.io/verify-images"
NOT_CHECKED = "signatures are as declared, nothing cryptographic was checked"


class _Image(NamedTuple):
    """An image of the object: its reference in full, its parts, and its place."""

    reference: str
    info: ImageInfo
    path: YamlPath


def verify_images(run: RuleRun) -> Answer:
    """The part of a rule that verifies and adds digests: a verdict for every image that an entry has verified."""
    excepted = run.excepted()
    if excepted is not None:
        return [excepted]
    try:
        return _Verification(run).answer()
    except EvaluationError as error:
        return [run.error("failed to verify images", error)]


class _Verification:
    def __init__(self, run: RuleRun) -> None:
        self._run = run
        self._patched = run.request.resource
        self._outcomes: dict[str, str] = {}

    def answer(self) -> Answer:
        run = self._run
        if not run.request.resource:
            return NotApplied("images of deleted objects are not verified", run.rule.path / "verifyImages")
        entries = list(_entries(run))
        images = _images(run)
        matching = [(entry, image) for entry in entries for image in images if entry.is_for(image.reference)]
        if not matching:
            names = ", ".join(image.reference for image in images) or "none"
            reason = f"no image of the object matches imageReferences (it has {names})"
            return NotApplied(reason, run.rule.path / "verifyImages")
        responses = [response for entry, image in matching for response in self._image(entry, image)]
        if not responses:
            return NotApplied("its entries neither verify signatures nor add digests", run.rule.path / "verifyImages")
        patched = self._annotated()
        return [response._replace(patched=patched) for response in responses]

    def _image(self, entry: ImageEntry, image: _Image) -> Iterator[RuleResponse]:
        run = self._run
        if entry.skips(image.reference):
            self._outcomes[image.reference] = "skip"
            message = f"skipping image {image.reference}, which skipImageReferences lists"
            yield self._response("skip", message, entry.path / "skipImageReferences", image)
            return
        if _is_unchanged(run, image):
            return
        declared = run.backends.declared_images.get(image.reference)
        try:
            verdict = self._verified(entry, image, declared)
            yield from self._digested(entry, image, declared, verdict)
        except EvaluationError as error:
            yield run.error(f"failed to verify image {image.reference}", error)._replace(resource_path=image.path)

    def _verified(self, entry: ImageEntry, image: _Image, declared: DeclaredImage | None) -> RuleResponse | None:
        """The verdict on signatures and attestations, None when the entry asks for neither."""
        if not entry.verifies or _outcome_in(self._run.request.resource, image.reference) == "pass":
            return None
        if declared is None:
            raise Unsupported(_needs_registry(image.reference), entry.path)
        try:
            attestors = Attestors(declared.signed_by)
            attestors.verify([*entry.attestors], entry.path / "attestors")
            self._attested(entry, image, declared)
        except Refused as refusal:
            message = f"failed to verify image {image.reference}: {refusal.message}"
            return self._response("fail", message, refusal.path or entry.path, image)
        what = "signatures" if entry.attestors else "attestations"
        return self._response("pass", f"verified image {what} for {image.reference}", entry.path, image)

    def _attested(self, entry: ImageEntry, image: _Image, declared: DeclaredImage) -> None:
        for index, wanted in enumerate(entry.attestations):
            path = entry.path / "attestations" / index
            kind = str(wanted.get("type") or wanted.get("predicateType") or "")
            if not kind:
                raise Refused("the attestation names no type", path)
            found = [each for each in declared.attestations if each.type == kind]
            if not found:
                there = ", ".join(sorted({each.type for each in declared.attestations})) or "none"
                raise Refused(f"no attestation of type {kind} is declared (there are: {there})", path)
            for attestation in found:
                Attestors(attestation.signed_by).verify(wanted.get("attestors"), path / "attestors")
                self._conditions(wanted.get("conditions"), attestation.predicate, image, path / "conditions")

    def _conditions(self, conditions: Any, predicate: Mapping[str, Any], image: _Image, path: YamlPath) -> None:
        context = self._run.context
        context.checkpoint()
        try:
            for name, value in predicate.items():
                context.add(name, value)
            context.add("image", image.info)
            result = evaluate_conditions(conditions, context, path=path)
        finally:
            context.restore()
        if not result.passed:
            why = f": {result.message}" if result.message else ""
            raise Refused(f"the conditions on its attestation are not met{why}", path)

    def _digested(
        self, entry: ImageEntry, image: _Image, declared: DeclaredImage | None, verdict: RuleResponse | None
    ) -> Iterator[RuleResponse]:
        """`verdict` with what mutateDigest does to the object, if that is asked for."""
        reference = image.reference
        if entry.mutates_digest and "digest" not in image.info and (verdict is None or verdict.status == "pass"):
            if declared is None or not declared.digest:
                raise Unsupported(_needs_digest(reference), entry.path)
            self._patched = _with_value(self._patched, image.path, f"{reference}@{declared.digest}")
            reference = f"{image.info['registry']}/{image.info['path']}@{declared.digest}"
            if verdict is None:
                verdict = self._response("pass", "mutated image digest", entry.path / "mutateDigest", image)
        if verdict is not None:
            if entry.verifies:
                self._outcomes[reference] = verdict.status
            yield verdict

    def _annotated(self) -> Object:
        """The object with what became of its images, as the validation reads it."""
        if not self._outcomes:
            return self._patched
        metadata = self._patched.get("metadata")
        fields: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else {}
        outcomes = {**_outcomes(self._patched), **self._outcomes}
        text = json.dumps(outcomes, separators=(",", ":"), sort_keys=True)
        annotations = {**_annotations(self._patched), ANNOTATION: text}
        return {**self._patched, "metadata": {**fields, "annotations": annotations}}

    def _response(self, status: Status, message: str, path: YamlPath, image: _Image) -> RuleResponse:
        message = f"{message} ({NOT_CHECKED})"
        return self._run.response(status, message, policy_path=path, resource_path=image.path)


def validate_images(run: RuleRun) -> Answer:
    """The part of a rule that validates: images have digests, and were verified, where entries ask for it."""
    excepted = run.excepted()
    if excepted is not None:
        return [excepted]
    path = run.rule.path / "verifyImages"
    if run.request.operation == "DELETE":
        return NotApplied("images of deleted objects are not verified", path)
    try:
        return _validated(run, path)
    except EvaluationError as error:
        return [run.error("failed to validate images", error)]


def _validated(run: RuleRun, path: YamlPath) -> Answer:
    matching = [(entry, image) for entry in _entries(run) for image in _images(run) if entry.is_for(image.reference)]
    if not matching:
        return NotApplied("no image of the object matches imageReferences", path)
    failures: list[tuple[str, YamlPath, YamlPath]] = []
    skipped: list[str] = []
    for entry, image in matching:
        failure, key = _failure(run, entry, image)
        if failure:
            failures.append((failure, entry.path / key, image.path))
        elif entry.required and _outcome_in(run.request.resource, image.reference) == "skip":
            skipped.append(image.reference)
    if failures:
        message = "; ".join(dict.fromkeys(failure for failure, _, _ in failures))
        _, at, place = failures[0]
        return [run.response("fail", f"{message} ({NOT_CHECKED})", policy_path=at, resource_path=place)]
    message = "image verified"
    if skipped:
        all_skipped = len(skipped) == len(matching)
        message = f"image {'skipped' if all_skipped else 'verified'}, skipped images: {' '.join(skipped)}"
        if all_skipped:
            return [run.response("skip", f"{message} ({NOT_CHECKED})", policy_path=path)]
    return [run.response("pass", f"{message} ({NOT_CHECKED})", policy_path=path)]


def _failure(run: RuleRun, entry: ImageEntry, image: _Image) -> tuple[str, str]:
    """What is wrong with an image and the field that says so; raises Unsupported when only a registry could tell."""
    declared = run.backends.declared_images.get(image.reference)
    if entry.verifies and not entry.skips(image.reference) and declared is None:
        raise Unsupported(_needs_registry(image.reference), entry.path)
    if entry.verifies_digest and "digest" not in image.info:
        if entry.mutates_digest and _outcome_in(run.request.resource, image.reference) != "fail":
            raise Unsupported(_needs_digest(image.reference), entry.path)
        return f"missing digest for {image.reference}", "verifyDigest"
    if not entry.required:
        return "", ""
    outcomes = _outcomes(run.request.resource)
    if not outcomes and _annotations(run.request.resource):
        return "image is not verified", "required"
    if outcomes.get(image.reference) not in ("pass", "skip"):
        return f"unverified image {image.reference}", "required"
    return "", ""


def _entries(run: RuleRun) -> Iterator[ImageEntry]:
    """The rule's entries with their variables replaced, except those of conditions on attestations."""
    shape = Shape()
    for at, entry in shape.mappings(run.rule.data.get("verifyImages"), run.rule.path / "verifyImages"):
        attestations = [item for _, item in shape.mappings(entry.get("attestations"), at / "attestations")]
        if shape.problems:
            raise InvalidPolicy(shape.problems[0].message, shape.problems[0].path)
        bare = [{key: item[key] for key in item if key != "conditions"} for item in attestations]
        replaced = substitute({**entry, "attestations": bare}, run.context, path=at)
        whole = [
            {**item, "conditions": written.get("conditions")}
            for item, written in zip(replaced["attestations"], attestations, strict=True)
        ]
        yield ImageEntry.of({**replaced, "attestations": whole}, at)


def _images(run: RuleRun) -> list[_Image]:
    found = extract_images(run.request.resource, _extractors(run))
    return [
        _Image(info["reference"], info, _path(run.request.resource, str(info["jsonPointer"])))
        for images in found.values()
        for info in images.values()
    ]


def _extractors(run: RuleRun) -> Mapping[str, list[Mapping[str, Any]]] | None:
    """The rule's own places of images, by kind."""
    written = run.rule.data.get("imageExtractors")
    if written is None:
        return None
    shape = Shape()
    path = run.rule.path / "imageExtractors"
    found = {
        kind: [item for _, item in shape.mappings(items, path / kind)]
        for kind, items in shape.mapping(written, path).items()
    }
    if shape.problems:
        raise InvalidPolicy(shape.problems[0].message, shape.problems[0].path)
    return found


def _path(resource: Object, pointer: str) -> YamlPath:
    """The place that a pointer of `extract_images` leads to."""
    path = YamlPath()
    value: Any = resource
    for step in pointer.strip("/").split("/"):
        key: str | int = int(step) if isinstance(value, list) else step
        path, value = path / key, value[key]
    return path


def _with_value(value: Any, path: Iterable[str | int], new: Any) -> Any:
    """`value` with `new` in the place that `path` leads to."""
    steps = list(path)
    if not steps:
        return new
    if isinstance(value, list):
        return [_with_value(item, steps[1:], new) if at == steps[0] else item for at, item in enumerate(value)]
    return {key: _with_value(item, steps[1:], new) if key == steps[0] else item for key, item in value.items()}


def _is_unchanged(run: RuleRun, image: _Image) -> bool:
    """Whether an update leaves the image as it was, so that it is not verified again."""
    old: Any = run.request.old_resource
    if run.request.operation != "UPDATE" or not old:
        return False
    new: Any = run.request.resource
    for step in image.path:
        try:
            old, new = old[step], new[step]
        except (KeyError, IndexError, TypeError):
            return False
    return bool(old == new)


def _annotations(resource: Object) -> Mapping[str, Any]:
    metadata = resource.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    return annotations if isinstance(annotations, Mapping) else {}


def _outcomes(resource: Object) -> Mapping[str, str]:
    """What the object's annotation says of its images; nothing for one that cannot be read."""
    try:
        outcomes = json.loads(_annotations(resource).get(ANNOTATION) or "{}")
    except (ValueError, TypeError):
        return {}
    return outcomes if isinstance(outcomes, dict) else {}


def _outcome_in(resource: Object, image: str) -> str:
    return str(_outcomes(resource).get(image) or "")


def _needs_registry(image: str) -> str:
    return f"image verification needs a registry: nothing is declared about the signatures of {image}"


def _needs_digest(image: str) -> str:
    return f"image verification needs a registry: nothing is declared about the digest of {image}"
