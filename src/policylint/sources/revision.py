"""The files of a git revision, put into a folder of their own: what `git checkout` would write, and nothing run for it.

A repository's own configuration can name programs that git runs: filters, text conversion, hooks, a file system
monitor, transports. Only `git rev-parse`, `for-each-ref`, `ls-tree` and `cat-file --batch` are used here, which read
objects as they are stored; what else could start something is switched off, and no transport is allowed, so that
nothing is fetched either. Symbolic links and submodules are not followed; they are listed instead.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from policylint.errors import UsageError, did_you_mean
from policylint.model import NotJudged
from policylint.paths import is_folder, real_path
from policylint.sources.files import explain_os_error
from policylint.sources.limits import Ran, find_program, offline_environment, run_limited

MAX_FILES = 50_000
MAX_BYTES = 512 * 1024 * 1024
_BATCH_BYTES = 32 * 1024 * 1024
_SAFELY = (
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "safe.bareRepository=explicit"),
    *("-c", "protocol.allow=never"),
    *("--no-pager", "--no-optional-locks", "--no-replace-objects", "--literal-pathspecs"),
)
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_LINK, _SUBMODULE = b"120000", b"160000"


class RevisionTree(NamedTuple):
    """Files of the commit `commit` (its full id): `folder` stands for `top`, the repository's top folder.

    `left_out` are the links and submodules among them, with paths below the top folder.
    """

    folder: Path
    top: Path
    commit: str
    left_out: tuple[NotJudged, ...]

    def place_of(self, path: Path) -> Path | None:
        """Where a file or folder of the working tree would stand in `folder`; None outside of the repository."""
        inside = _inside(self.top, path)
        return None if inside is None else self.folder / inside


@contextmanager
def revision_tree(
    root: Path, revision: str, paths: Sequence[Path] = (), *, missing_ok: bool = False
) -> Iterator[RevisionTree]:
    """What `paths` (files or folders of the working tree; none: everything) held in `revision`, until the block ends.

    `root` is a folder of the repository. Of paths that the revision has not, nothing is there: an error, unless
    `missing_ok`. Raises UsageError for that, without git or a repository, for a revision that is not known, for more
    than MAX_FILES files or MAX_BYTES, and for objects that are not here (a partial clone).
    """
    if not revision or revision.startswith("-") or "\0" in revision:
        raise UsageError(f"{revision!r} is no git revision")
    with tempfile.TemporaryDirectory(prefix="policylint-") as made:
        scratch, folder = real_path(Path(made)), real_path(Path(made)) / "tree"
        folder.mkdir()
        git = _Git(root.absolute(), scratch)
        top = git.top()
        commit = git.commit(revision)
        wanted = [_wanted(top, path) for path in paths]
        entries = git.entries(top, commit, [] if "." in wanted else wanted)
        if not missing_ok:
            _refuse_missing(revision, wanted, entries)
        files, left_out = _sorted_out(revision, entries)
        git.write(top, files, folder)
        yield RevisionTree(folder, top, commit, left_out)


class _Entry(NamedTuple):
    """A file, link or submodule of a tree; `path` is below the top folder."""

    mode: bytes
    name: str
    size: int
    path: str


class _Git:
    def __init__(self, root: Path, scratch: Path) -> None:
        program = find_program("git", os.environ)
        if program is None:
            raise UsageError("reading a revision needs git on PATH")
        self._program = program
        self._root = root if is_folder(root) else root.parent
        self._scratch = scratch
        self._environment = {**offline_environment(scratch, os.environ), **_ENVIRONMENT}

    def _run(self, folder: Path, *arguments: str, stdin: bytes = b"", output: int = 2 * _BATCH_BYTES) -> Ran:
        command = [self._program, "-C", str(folder), *_SAFELY, *arguments]
        try:
            ran = run_limited(command, self._scratch, self._environment, stdin, output_limit=output)
        except OSError as error:
            raise UsageError(f"git cannot be started: {explain_os_error(error)}") from error
        if ran.exceeded:
            raise UsageError(f"git {ran.limit_message}")
        return ran

    def top(self) -> Path:
        """The repository's top folder."""
        ran = self._run(self._root, "rev-parse", "--show-toplevel")
        if ran.code:
            raise UsageError(f"{self._root.as_posix()} is in no git repository: {_last_words(ran)}")
        return real_path(Path(os.fsdecode(ran.output.removesuffix(b"\n"))))

    def commit(self, revision: str) -> str:
        """The full id of the commit that `revision` names."""
        ran = self._run(self._root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        found = ran.output.decode("ascii", "replace").strip()
        if not ran.code and found:
            return found
        names = self._run(self._root, "for-each-ref", "--format=%(refname:short)")
        known = os.fsdecode(names.output).split()
        shallow = self._run(self._root, "rev-parse", "--is-shallow-repository").output.strip() == b"true"
        hint = did_you_mean(revision, known)
        hint = "; the clone is shallow: fetch it first" if shallow and not hint else hint
        raise UsageError(f"the repository has no revision {revision!r}{hint}")

    def entries(self, top: Path, commit: str, wanted: Sequence[str]) -> list[_Entry]:
        """Everything that the commit holds below `wanted` (paths below the top folder)."""
        ran = self._run(top, "ls-tree", "-r", "-z", "-l", "--full-tree", commit, "--", *wanted)
        if ran.code:
            raise UsageError(f"git cannot list {commit}: {_last_words(ran)}")
        found = []
        for line in ran.output.split(b"\0")[:-1]:
            about, _, path = line.partition(b"\t")
            mode, _, name, size = about.split()
            found.append(_Entry(mode, name.decode("ascii"), int(size) if size.isdigit() else 0, os.fsdecode(path)))
        return found

    def write(self, top: Path, files: Sequence[_Entry], folder: Path) -> None:
        """Writes the contents of `files` below `folder`."""
        batch: list[_Entry] = []
        size = 0
        for entry in files:
            if batch and size + entry.size > _BATCH_BYTES:
                self._write_batch(top, batch, folder)
                batch, size = [], 0
            batch.append(entry)
            size += entry.size
        if batch:
            self._write_batch(top, batch, folder)

    def _write_batch(self, top: Path, batch: Sequence[_Entry], folder: Path) -> None:
        asked = "".join(f"{entry.name}\n" for entry in batch).encode("ascii")
        expected = sum(entry.size + 100 for entry in batch)
        ran = self._run(top, "cat-file", "--batch", stdin=asked, output=expected)
        position = 0
        for entry in batch:
            end = ran.output.find(b"\n", position)
            header = ran.output[position:end].split()
            content = ran.output[end + 1 : end + 1 + entry.size]
            if end < 0 or header[1:] != [b"blob", str(entry.size).encode()] or len(content) < entry.size:
                raise UsageError(f"git cannot read {entry.path} of that revision: {_last_words(ran)}")
            position = end + 1 + entry.size + 1
            path = folder / entry.path
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("xb") as stream:
                    stream.write(content)
            except OSError as error:
                raise UsageError(f"{entry.path} of that revision cannot be written: {error.strerror}") from error


def _last_words(ran: Ran) -> str:
    lines = ran.errors.strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else "git does not say why"


def _inside(top: Path, path: Path) -> Path | None:
    """`path` below `top`; itself it may be a link or not be there any more, so only its folder is resolved."""
    absolute = Path(os.path.normpath(path.absolute()))
    real = real_path(absolute) if is_folder(absolute) else real_path(absolute.parent) / absolute.name
    return real.relative_to(top) if real.is_relative_to(top) else None


def _wanted(top: Path, path: Path) -> str:
    inside = _inside(top, path)
    if inside is None:
        raise UsageError(f"{path.as_posix()} is not in the git repository {top.as_posix()}")
    return inside.as_posix()


def _refuse_missing(revision: str, wanted: Sequence[str], entries: Sequence[_Entry]) -> None:
    there = {entry.path for entry in entries}
    there |= {parent.as_posix() for path in there for parent in Path(path).parents}
    for path in wanted:
        if path not in there and path != ".":
            raise UsageError(f"{path} is not in revision {revision!r}")


def _sorted_out(revision: str, entries: Sequence[_Entry]) -> tuple[list[_Entry], tuple[NotJudged, ...]]:
    """The plain files, and what is left out, with the reason. Raises UsageError when they are too many."""
    files, left_out = [], []
    for entry in entries:
        if entry.mode == _LINK:
            left_out.append(NotJudged(entry.path, 0, "symbolic link", f"links are not followed in {revision}"))
        elif entry.mode == _SUBMODULE:
            left_out.append(NotJudged(entry.path, 0, "submodule", f"submodules are not read in {revision}"))
        elif _is_odd(entry.path):
            left_out.append(NotJudged(entry.path, 0, "file", "git would not check out a file of this name"))
        else:
            files.append(entry)
    if len(files) > MAX_FILES or sum(entry.size for entry in files) > MAX_BYTES:
        limit = f"{MAX_FILES:,} files or {MAX_BYTES >> 20} MiB"
        raise UsageError(f"revision {revision!r} holds more than {limit} there: name fewer paths")
    return files, tuple(left_out)


def _is_odd(path: str) -> bool:
    """Whether a path of a tree leaves its folder, or could be taken for a repository: only a forged tree has such."""
    return any(part in ("", ".", "..") or part.casefold() == ".git" for part in path.split("/"))
