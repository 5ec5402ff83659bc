"""Patterns of images that leave out more than they seem to.

Kyverno holds `imageReferences` against the whole text of an image, registry first, with its digest when it has one and
its tag otherwise (pkg/engine/utils/image.go `ImageMatches`, api imageutils `ImageInfo.String`).
"""

from collections.abc import Iterator

from policylint.model import Problem
from policylint.regex import regex
from policylint.views.globs import matches
from policylint.views.kyverno.verify_images import VerifyImages

_DIGEST = "@sha256:" + "0" * 64
_TAG = regex(r":([^/:@]+)\Z")
_DIALECTS = (
    "Kyverno's * matches any text, slashes included, as in ghcr.io/org/app:* (all tags) and ghcr.io/org/app@* (all"
    " digests)"
)


def without_tag(entry: VerifyImages) -> Iterator[Problem]:
    """References that no image of a pod is written as: neither a tag nor a digest nor a wildcard."""
    for path, reference in entry.image_references:
        last = reference.rpartition("/")[2]
        if reference and "{{" not in reference and not any(sign in reference for sign in "*?@") and ":" not in last:
            yield Problem(
                path,
                f"{reference} matches no image: Kyverno compares it with names that end in a tag or a digest",
                f"Write {reference}:* and {reference}@*. {_DIALECTS}.",
            )


def without_digests(entry: VerifyImages) -> Iterator[Problem]:
    """References of tags only, beside which no reference is for the same image by digest."""
    patterns = [reference for _, reference in entry.image_references]
    for path, reference in entry.image_references:
        tag = _TAG.search(reference)
        if tag is None or "*" not in tag.group(1) or "@" in reference or "{{" in reference:
            continue
        by_digest = reference[: tag.start()].replace("*", "x").replace("?", "x") + _DIGEST
        if not any(matches("kyverno", pattern, by_digest) for pattern in patterns):
            yield Problem(
                path,
                f"{reference} matches tags only: the same image written with a digest is not verified at all",
                f"Add {reference[: tag.start()]}@* beside it. {_DIALECTS}.",
            )


def all_skipped(entry: VerifyImages) -> Iterator[Problem]:
    """An entry that skips every image it is for."""
    wanted = [reference for _, reference in entry.image_references]
    skipped = entry.skipped_references
    if wanted and all(any(pattern in (reference, "*") for pattern in skipped) for reference in wanted):
        path = entry.path / "skipImageReferences"
        yield Problem(path, "every image of this entry is skipped: it verifies nothing", "skip fewer images", at="key")
