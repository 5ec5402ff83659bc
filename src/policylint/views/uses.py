"""What a `uses:` says, and how firmly its ref names one commit.

Grammar: actions/runner, PipelineTemplateConverter `ConvertToStep` (`./`, `docker://`, `owner/repo[/path]@ref`), and
`$/`, by which a repository names itself. Policies follow zizmor's configuration of `unpinned-uses`.
"""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

UsesKind = Literal["local", "docker", "repository", "refused"]
RefKind = Literal["commit", "version", "digest", "short-commit", "branch"]
PinPolicy = Literal["any", "ref-pin", "hash-pin"]

_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+")
_COMMIT = re.compile(r"[0-9a-fA-F]{40}")
_LONG_HEX = re.compile(r"[0-9a-fA-F]{64}")
_SHORT_HEX = re.compile(r"[0-9a-fA-F]{7,39}")
# v4, v1.2.3, 1.2, 2025.11.2, v1.2.3-rc.1, release/v1, action-v2, releases/1.4
_VERSION = re.compile(
    r"(?:refs/tags/)?(?:(?:[A-Za-z][\w.]*[-/])*(?:[vV]|(?:releases?|versions?|tags?)[-/])|)"
    r"[0-9]+(?:\.(?:[0-9]+|[xX*]))*(?:[-+.][0-9A-Za-z.+-]+)?"
)


class Uses(NamedTuple):
    """A `uses:` in its parts. `subpath` has no leading slash; `ref` is None when there is no `@`.

    `docker` leaves the image in `image`; `refused` says in `reason` why GitHub takes it for none of them.
    """

    text: str
    kind: UsesKind
    owner: str = ""
    repository: str = ""
    subpath: str = ""
    ref: str | None = None
    image: str = ""
    reason: str = ""

    @property
    def name(self) -> str:
        """`owner/repo[/path]`."""
        return "/".join(part for part in (self.owner, self.repository, self.subpath) if part)

    @property
    def ref_kind(self) -> RefKind:
        """What the ref looks like; only the repository knows whether a name is a branch or a tag."""
        return _ref_kind(self.ref or "")

    def policy(self, policies: Mapping[str, PinPolicy]) -> tuple[str, PinPolicy]:
        """The most specific pattern that covers this action, and its policy; `hash-pin` where none does.

        Patterns are `*`, `owner/*`, `owner/repo`, `owner/repo/*` and `owner/repo/path`, in any case of letters.
        """
        slug = f"{self.owner}/{self.repository}"
        exact = f"{slug}/{self.subpath}" if self.subpath else slug
        known = {pattern.casefold(): (pattern, policy) for pattern, policy in policies.items()}
        for pattern in (exact, f"{slug}/*", f"{self.owner}/*", "*"):
            if pattern.casefold() in known:
                return known[pattern.casefold()]
        return "", "hash-pin"


def parse_uses(text: str) -> Uses:
    """The parts of a `uses:`; a text that GitHub would refuse is `refused`, never an exception."""
    text = text.strip()
    if not text:
        return Uses(text, "refused", reason="it is empty")
    if text.startswith(("./", ".\\", "$/")):
        return Uses(text, "local")
    if text.startswith("docker://"):
        return Uses(text, "docker", image=text[len("docker://") :])
    if "${{" in text:
        return Uses(text, "refused", reason="GitHub evaluates no expressions there")
    name, at, ref = text.partition("@")
    if "@" in ref:
        return Uses(text, "refused", reason="it has more than one @")
    owner, _, rest = name.partition("/")
    repository, _, subpath = rest.partition("/")
    if not _OWNER.fullmatch(owner) or not _REPOSITORY.fullmatch(repository):
        return Uses(text, "refused", reason="it is neither owner/repo[/path]@ref nor a path that begins with ./")
    if at and (not ref or re.search(r"\s", ref)):
        return Uses(text, "refused", reason="what follows @ is not a branch, a tag or a commit")
    return Uses(text, "repository", owner, repository, subpath, ref if at else None)


def _ref_kind(ref: str) -> RefKind:
    if _COMMIT.fullmatch(ref):
        return "commit"
    if _LONG_HEX.fullmatch(ref):
        return "digest"
    if _SHORT_HEX.fullmatch(ref):
        return "short-commit"
    return "version" if _VERSION.fullmatch(ref) else "branch"
