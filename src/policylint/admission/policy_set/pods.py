"""The images of a project's pods, found by pattern without looking at each of them."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from policylint.engine.errors import EvaluationError
from policylint.engine.images import image_info
from policylint.engine.wildcard import match
from policylint.regex import regex
from policylint.views.globs import Dialect, GlobError, matches, sigstore_matches
from policylint.views.images import ImageReferenceError

# the distinct images of a pod template: of its init containers, its containers, its ephemeral containers
Pod = tuple[tuple[str, ...], ...]

_SPECIAL = regex(r"[*?\[{\\]")


class Pods:
    """Pod templates by number. An image that is no reference is held to match nothing."""

    def __init__(self, pods: Collection[Pod]) -> None:
        self._pods = sorted(pods)

    @cached_property
    def most_images(self) -> int:
        """How many images the pod has that has the most of them."""
        return max((len(_images(pod)) for pod in self._pods), default=0)

    def counts(self, dialect: Dialect, patterns: Sequence[str], skipped: Sequence[str]) -> Counter[int]:
        """How many distinct images of each pod match one of `patterns` and none of `skipped`, zero left out."""
        found = {image for pattern in patterns for image in self._matching(dialect, pattern)}
        found = {image for image in found if not any(match(each, self._references[image]) for each in skipped)}
        return Counter(pod for image in found for pod in self._holders[image])

    def most_lists(self, globs: Sequence[str]) -> int:
        """How many lists of one pod have an image that a ClusterImagePolicy with `globs` is for, at most."""
        return max(
            (
                sum(any(_is_for(glob, image) for image in images for glob in globs) for images in pod)
                for pod in self._pods
            ),
            default=0,
        )

    @cached_property
    def _references(self) -> Mapping[str, str]:
        """Every image, and its reference in full."""
        return {image: full for pod in self._pods for image in _images(pod) if (full := _reference(image))}

    @cached_property
    def _holders(self) -> Mapping[str, Sequence[int]]:
        holders: dict[str, list[int]] = {}
        for number, pod in enumerate(self._pods):
            for image in _images(pod):
                holders.setdefault(image, []).append(number)
        return holders

    @cached_property
    def _in_full(self) -> Sequence[tuple[str, str]]:
        return sorted((full, image) for image, full in self._references.items())

    @cached_property
    def _as_written(self) -> Sequence[tuple[str, str]]:
        return sorted((image, image) for image in self._references)

    def _matching(self, dialect: Dialect, pattern: str) -> Iterator[str]:
        # an ImageValidatingPolicy sees what is written; its author may have had the whole in mind
        for texts in (self._in_full, self._as_written) if dialect == "gobwas" else (self._in_full,):
            end = _SPECIAL.search(pattern)
            prefix = pattern[: end.start()] if end is not None else pattern
            at = bisect_left(texts, (prefix, ""))
            while at < len(texts) and texts[at][0].startswith(prefix):
                text, image = texts[at]
                if _meets(dialect, pattern, text):
                    yield image
                at += 1


def _images(pod: Pod) -> frozenset[str]:
    return frozenset(image for listed in pod for image in listed)


def _reference(image: str) -> str:
    try:
        reference: str = image_info(image)["reference"]
    except EvaluationError:
        return ""
    return reference


def _meets(dialect: Dialect, pattern: str, text: str) -> bool:
    if dialect == "kyverno":
        return match(pattern, text)
    try:
        return matches(dialect, pattern, text)
    except GlobError:
        return False


def _is_for(glob: str, image: str) -> bool:
    try:
        return sigstore_matches(glob, image)
    except (GlobError, ImageReferenceError):
        return False
