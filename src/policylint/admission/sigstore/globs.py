"""Globs of ClusterImagePolicies that are accepted, and match nothing or less than their author means.

The webhook resolves every image to its digest first, and holds `registry/repository@sha256:...` against the glob
(sigstore/policy-controller pkg/webhook/validator.go, pkg/apis/config/image_policies.go `GetMatchingPolicies`).
"""

from typing import NamedTuple

from policylint.regex import regex
from policylint.views.globs import DOCKER_HUB, SHORTHANDS, GlobError, as_regex

# Docker Hub's other names, none of which an image's full name has
HUB_ALIASES = ("docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com", "registry.docker.io")
# how many segments a repository has at least, after the registry
_DEPTHS = (
    (regex(r"(index\.docker\.io|ghcr\.io|quay\.io|registry\.gitlab\.com|public\.ecr\.aws)\Z"), 2),
    (regex(r"(.+\.)?gcr\.io\Z"), 2),
    (regex(r".+-docker\.pkg\.dev\Z"), 3),
)
_STARS_ONLY = regex(r"[*/]*\Z")
_HOST = regex(r"[^/]*[.:*][^/]*|localhost")


class Parts(NamedTuple):
    """A glob taken apart: the registry, and the segments of the repository with what follows it."""

    registry: str
    segments: tuple[str, ...]


def parts(glob: str) -> Parts:
    """The parts of `glob`; the registry is empty when the glob has none."""
    first, slash, rest = glob.partition("/")
    if not slash or not _HOST.fullmatch(first):
        return Parts("", tuple(glob.split("/")))
    return Parts(first, tuple(rest.split("/")))


def is_glob(glob: str) -> bool:
    """Whether admission takes `glob`."""
    try:
        as_regex("sigstore", glob)
    except GlobError:
        return False
    return True


def covers_everything(glob: str) -> bool:
    """Whether `glob` matches every image: only stars, of which two are together."""
    return "**" in glob and _STARS_ONLY.match(glob) is not None


def other_hub_name(glob: str) -> str:
    """What to write instead of a glob with a name of Docker Hub that no image has, else nothing."""
    registry, segments = parts(glob)
    if registry in HUB_ALIASES or (registry == DOCKER_HUB and len(segments) == 1 and "*" not in segments[0]):
        library = ("library",) if len(segments) == 1 and "*" not in segments[0] else ()
        return "/".join((DOCKER_HUB, *library, *segments))
    return ""


def never(glob: str) -> str:
    """Why no image can match `glob`, or nothing; names of Docker Hub are `other_hub_name`'s."""
    if "://" in glob:
        return "it is a URL, and names of images have no scheme"
    if glob in SHORTHANDS:
        return ""
    registry, segments = parts(glob)
    literal_first = "*" not in glob.partition("/")[0]
    if not registry and ("/" not in glob or literal_first) and "**" not in glob.partition("/")[0]:
        return f"names have their registry in front, as {DOCKER_HUB}/library/nginx"
    name, at, _ = "/".join(segments).partition("@")
    repository, colon, tag = name.rpartition("/")[2].partition(":")
    # a star may reach over to the colon of the digest
    if colon and not at and not ("*" in repository and "*" in tag):
        return f"images are held against it by digest, and so without a tag such as {tag}"
    if registry and "" in segments:
        return "it has an empty segment"
    if any(character.isupper() for character in name.partition(":")[0]):
        return "repositories have lower-case names"
    return ""


def shallow(glob: str) -> str:
    """What a glob with single stars leaves out although it looks like a whole registry, or nothing."""
    if glob in SHORTHANDS:
        return f"it stands for {SHORTHANDS[glob]}, so only for images of Docker Hub"
    registry, segments = parts(glob)
    if not registry or "*" in registry or "**" in glob or segments[-1].partition("@")[0] != "*":
        return ""
    depth = next((least for form, least in _DEPTHS if form.match(registry)), 0)
    if len(segments) < depth:
        return f"* stops at /, and images of {registry} lie at least {depth} segments below it"
    if len(segments) == 1:
        return f"* stops at /, so {registry}/app matches and {registry}/team/app does not"
    return ""
