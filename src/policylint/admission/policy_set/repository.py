"""Which repository of GitHub a folder is a checkout of, as `.git/config` says it; git itself is never run."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from policylint.regex import regex

_SECTION = regex(r"\s*\[\s*(?P<name>[A-Za-z0-9.-]+)(?:\s+\"(?P<of>(?:[^\"\\]|\\.)*)\")?\s*\]")
_ENTRY = regex(r"\s*url\s*=\s*\"?(?P<url>[^\"#;]*?)\"?\s*(?:[#;].*)?\Z")
# https://github.com/o/r.git, git@github.com:o/r.git, ssh://git@ssh.github.com:443/o/r
_GITHUB = regex(r"(?:\A|.*[@/])(?:www\.|ssh\.)?github\.com(?::\d+/|[:/])/*([^/\s]+)/([^/\s]+?)(?:\.git)?/*\Z")
# a fork's workflows are those of the repository that it was made of
_REMOTES = ("origin", "upstream")
_LARGEST = 1024 * 1024

WORKFLOWS = ".github/workflows/"


class Checkout(NamedTuple):
    """A checked-out repository. `names` are its names at GitHub as `owner/name`, None when no remote is configured."""

    root: Path
    names: frozenset[str] | None

    @classmethod
    def at(cls, root: Path) -> "Checkout | None":
        """The checkout whose top is `root`, None when that is not the top of one."""
        config = _config(root)
        return None if config is None else cls(root, _names(config))

    def files(self) -> list[str]:
        """The workflow files that are there, whether or not they were asked for."""
        try:
            found = sorted((self.root / WORKFLOWS).iterdir())
        except OSError:
            return []
        return [WORKFLOWS + path.name for path in found if path.suffix in (".yml", ".yaml")]


def is_in_checkout(folder: Path) -> bool:
    """Whether `folder` lies anywhere in a checked-out repository."""
    return any((each / ".git").exists() for each in (folder, *folder.parents))


def github_name(url: str) -> str:
    """`owner/name` of the repository at `url`, empty when that is not at github.com."""
    match = _GITHUB.match(url.strip())
    return f"{match[1]}/{match[2]}" if match is not None else ""


def _config(root: Path) -> Path | None:
    """The configuration file of the repository at `root`; in a worktree `.git` is a file that leads to it."""
    git = root / ".git"
    if git.is_dir():
        return git / "config"
    named, _, folder = _text(git).strip().partition(":")
    if named != "gitdir":
        return None
    own = root / folder.strip()
    common = _text(own / "commondir").strip()
    return (own / common if common else own) / "config"


def _names(config: Path) -> frozenset[str] | None:
    urls = [url for remote, url in _urls(_text(config)) if remote in _REMOTES]
    return frozenset(filter(None, map(github_name, urls))) if urls else None


def _urls(text: str) -> Iterator[tuple[str, str]]:
    remote = ""
    for line in text.splitlines():
        section = _SECTION.match(line)
        if section is not None:
            remote = (section["of"] or "") if section["name"].lower() == "remote" else ""
            line = line[section.end() :]
        entry = _ENTRY.match(line) if remote else None
        if entry is not None:
            yield remote, entry["url"]


def _text(path: Path) -> str:
    try:
        if path.is_file() and path.stat().st_size <= _LARGEST:
            return path.read_text("utf-8", "replace")
    except OSError:
        pass  # what cannot be read says nothing
    return ""
