"""Image references: what the distribution grammar makes of a text, and how firmly the text names one image.

The grammar and its normalisation (`nginx` is `docker.io/library/nginx`) are those of `ParseNormalizedNamed` in
github.com/distribution/reference, as the library `docker_image.reference` carries them. Importing that library costs
more than judging a file, so references that are plainly valid are read here, by the same grammar's common part; the
tests hold the two together.
"""

import re
from collections.abc import Collection
from typing import Literal, NamedTuple

from policylint.regex import regex

MOVING_TAGS: tuple[str, ...] = (
    "latest",
    "main",
    "master",
    "trunk",
    "head",
    "edge",
    "nightly",
    "snapshot",
    "dev",
    "devel",
    "develop",
    "development",
    "canary",
    "stable",
    "unstable",
    "testing",
    "rolling",
    "next",
)
"""Tags that publishers move to another image by convention. Tags are case-sensitive."""

Pinning = Literal["digest", "tag", "moving-tag", "none"]

DEFAULT_REGISTRY = "docker.io"

_DOMAIN_LABEL = r"[a-z0-9]+(?:-+[a-z0-9]+)*"
_PLAIN_REGISTRY = regex(rf"{_DOMAIN_LABEL}(?:\.{_DOMAIN_LABEL})*(?::[0-9]+)?")
_PATH_COMPONENT = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_PLAIN_REST = regex(
    rf"(?P<repository>{_PATH_COMPONENT}(?:/{_PATH_COMPONENT})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
# Longer references may break the limit on the repository's length, which the library knows.
_PLAIN_LENGTH = 255
# A host has at most 253 characters, a repository 255, a tag 128; the library takes the square of a text's length.
_LONGEST = 1000
_BARE_ID = regex(r"[0-9a-f]{64}")
_HEX_LENGTH = {"sha256": 64, "sha384": 96, "sha512": 128}


class ImageReference(NamedTuple):
    """An image reference in its normalised parts; `text` is what was written.

    `registry` is `docker.io` and `repository` begins with `library/` where the text leaves them out. A missing tag
    stays None: it is not filled in with `latest`.
    """

    text: str
    registry: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def name(self) -> str:
        """Registry and repository, without tag and digest."""
        return f"{self.registry}/{self.repository}"


class ImageReferenceError(ValueError):
    """The text is not an image reference; the message says what the grammar refuses, as the end of a sentence."""


def parse_image(text: str) -> ImageReference:
    """The reference that `text` is. Raises ImageReferenceError when the distribution grammar refuses it."""
    reference = _parse_plain(text)
    return reference if reference is not None else _parse_strictly(text)


def judge_pinning(reference: ImageReference, moving_tags: Collection[str] = MOVING_TAGS) -> Pinning:
    """How firmly the reference names one image; with a digest the tag does not count."""
    if reference.digest is not None:
        return "digest"
    if reference.tag is None:
        return "none"
    return "moving-tag" if reference.tag in moving_tags else "tag"


def _parse_plain(text: str) -> ImageReference | None:
    """The reference when `text` is plainly valid; None leaves the decision to the library."""
    if len(text) > _PLAIN_LENGTH or _BARE_ID.fullmatch(text):
        return None
    registry, rest = DEFAULT_REGISTRY, text
    first, slash, remainder = text.partition("/")
    if slash and (first == "localhost" or "." in first or ":" in first):
        if not _PLAIN_REGISTRY.fullmatch(first):
            return None
        registry, rest = first, remainder
    match = _PLAIN_REST.fullmatch(rest)
    if match is None:
        return None
    if registry == "index.docker.io":
        registry = DEFAULT_REGISTRY
    repository = match["repository"]
    if registry == DEFAULT_REGISTRY and "/" not in repository:
        repository = f"library/{repository}"
    return ImageReference(text, registry, repository, match["tag"], match["digest"])


def _parse_strictly(text: str) -> ImageReference:
    if not text or len(text) > _LONGEST or re.search(r"[\s\\]", text):
        raise ImageReferenceError(_reason(text))
    from docker_image.digest import InvalidDigest
    from docker_image.reference import InvalidReference, Reference

    try:
        parsed = Reference.parse_normalized_named(text)
    except (InvalidReference, InvalidDigest) as error:
        raise ImageReferenceError(_reason(text)) from error
    repository = parsed.repository
    return ImageReference(text, repository["domain"], repository["path"], parsed["tag"], parsed["digest"])


def _reason(text: str) -> str:
    """What is wrong with a text that the grammar refuses, as the end of a sentence."""
    if not text.strip():
        return "it is empty"
    if "\\" in text:
        return "it contains a backslash; in YAML a reference cannot be continued on the next line"
    if "\n" in text or "\r" in text:
        return "it is wrapped over several lines; a reference stands on one line"
    if re.search(r"\s", text):
        return "it contains a space"
    if "://" in text:
        return f"it begins with {text.partition('://')[0]}://, and a reference has no scheme"
    if _BARE_ID.fullmatch(text):
        return "64 hexadecimal digits alone are an image's id, which no registry knows; a digest follows name@sha256:"
    name, at, digest = text.partition("@")
    if at:
        reason = _digest_reason(digest)
        if reason:
            return reason
    return _name_reason(name)


def _digest_reason(digest: str) -> str:
    algorithm, colon, encoded = digest.partition(":")
    if not colon:
        return f"{_shown(digest)} after @ is not a digest: sha256: and 64 hexadecimal digits belong there"
    length = _HEX_LENGTH.get(algorithm)
    if length is None:
        return f"{_shown(algorithm)} is not a digest algorithm that registries know; sha256 is"
    stranger = re.search(r"[^0-9a-f]", encoded)
    if stranger is not None:
        return f"its digest contains {stranger[0]!r}, which is not a lower-case hexadecimal digit"
    if len(encoded) != length:
        return f"its {algorithm} digest has {len(encoded)} hexadecimal digits instead of {length}"
    return ""


def _name_reason(name: str) -> str:
    head, slash, last = name.rpartition("/")
    last, colon, tag = last.partition(":")
    if colon and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", tag):
        if not tag:
            return "its tag is empty"
        if len(tag) > 128:
            return f"its tag has {len(tag)} characters, and a tag has at most 128"
        return f"{_shown(tag)} is not a tag: letters, digits, _, . and - are allowed, and the first is no . or -"
    if len(name) > _LONGEST:
        return f"it has {len(name)} characters, more than a reference can have"
    repository = head + slash + last
    first, slash, remainder = repository.partition("/")
    if slash and re.search(r"[.:A-Z]", first):
        repository = remainder
    if not repository:
        return "it names no repository"
    if repository != repository.lower():
        return f"the repository {_shown(repository)} has upper-case letters, and a repository is lower-case"
    if len(repository) > _PLAIN_LENGTH:
        return f"its repository has {len(repository)} characters, and at most {_PLAIN_LENGTH} are allowed"
    stranger = re.search(r"[^a-z0-9._/-]", repository)
    if stranger is not None:
        return f"the repository {_shown(repository)} contains {stranger[0]!r}"
    return f"{_shown(name)} is not a name: its parts are lower-case letters and digits, joined by single separators"


def _shown(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
