"""Trees of git revisions: the right bytes, clear refusals, and nothing run for the repository."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from conftest import Write
from policylint.errors import UsageError
from policylint.sources import revision
from policylint.sources.revision import revision_tree


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    """Runs git as a user of the test's own, and returns what it prints."""
    name = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    done = subprocess.run(
        ["git", *name, *arguments], cwd=folder, input=stdin, capture_output=True, check=True, env=environment
    )
    return done.stdout.decode().strip()


def commit(folder: Path, message: str = "one") -> str:
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def files(folder: Path) -> dict[str, bytes]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def refused(root: Path, name: str, paths: Sequence[Path] = ()) -> str:
    with pytest.raises(UsageError) as caught, revision_tree(root, name, paths):
        pass
    return caught.value.message


def test_a_revision_is_what_it_was_and_goes_away_again(write: Write) -> None:
    folder = write({"a/one.yaml": "a: 1\r\n", "a/b/two.yaml": "", "c.yaml": "c"})
    first = commit(folder)
    write({"a/one.yaml": "a: 2\n", "d.yaml": "d"})
    commit(folder, "two")
    with revision_tree(folder, "HEAD~1") as tree:
        assert files(tree.folder) == {"a/b/two.yaml": b"", "a/one.yaml": b"a: 1\r\n", "c.yaml": b"c"}
        assert (tree.top, tree.commit, tree.left_out) == (folder.resolve(), first, ())
        assert tree.place_of(Path("a/one.yaml")) == tree.folder / "a/one.yaml"
        assert tree.place_of(folder) == tree.folder
        assert tree.place_of(folder.parent) is None
        kept = tree.folder
    assert not kept.exists()


def test_only_what_is_named_is_written(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write({"a/one.yaml": "1", "a[b]/two.yaml": "2", "ab/three.yaml": "3"})
    commit(folder)
    with revision_tree(folder, "main", [Path("a[b]")]) as tree:
        assert list(files(tree.folder)) == ["a[b]/two.yaml"]
    monkeypatch.chdir(folder / "a")
    with revision_tree(Path(), "main", [Path("one.yaml"), Path("../ab")]) as tree:
        assert list(files(tree.folder)) == ["a/one.yaml", "ab/three.yaml"]
    with revision_tree(Path(), "main", [Path("..")]) as tree:
        assert len(files(tree.folder)) == 3


def test_what_is_gone_today_is_there_still(write: Write) -> None:
    folder = write({"a/one.yaml": "1", "b.yaml": ""})
    commit(folder)
    (folder / "a/one.yaml").unlink()
    (folder / "a").rmdir()
    with revision_tree(folder, "HEAD", [folder / "a"]) as tree:
        assert list(files(tree.folder)) == ["a/one.yaml"]


def test_many_files_come_in_batches(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write({f"f{number}": str(number) * number for number in range(20)})
    commit(folder)
    monkeypatch.setattr(revision, "_BATCH_BYTES", 10)
    with revision_tree(folder, "HEAD") as tree:
        assert files(tree.folder) == {f"f{number}": (str(number) * number).encode() for number in range(20)}


def test_refusals_are_clear(write: Write, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = write({"a.yaml": "", "b/c.yaml": ""})
    commit(folder)
    assert refused(folder, "mian") == "the repository has no revision 'mian'; did you mean 'main'?"
    assert refused(folder, "0" * 40) == f"the repository has no revision '{'0' * 40}'"
    assert refused(folder, "main:b") == "the repository has no revision 'main:b'; did you mean 'main'?"
    assert refused(folder, "--all") == "'--all' is no git revision"
    assert refused(folder, "") == "'' is no git revision"
    assert refused(folder, "main\0") == "'main\\x00' is no git revision"
    assert refused(folder, "main", [Path("b/d.yaml")]) == "b/d.yaml is not in revision 'main'"
    with revision_tree(folder, "main", [Path("b/d.yaml"), Path("a.yaml")], missing_ok=True) as tree:
        assert list(files(tree.folder)) == ["a.yaml"]
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert refused(folder, "main", [elsewhere]).endswith(f" is not in the git repository {folder.resolve()}")
    assert refused(elsewhere, "main").startswith(f"{elsewhere} is in no git repository: not a git repository")


def test_a_shallow_clone_says_so(write: Write, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = write({"a.yaml": ""})
    commit(folder)
    first = git(folder, "rev-parse", "HEAD")
    commit(folder, "two")
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "--quiet", "--depth=1", folder.as_uri(), "c")
    assert refused(clone / "c", first).endswith("; the clone is shallow: fetch it first")


def test_limits_hold(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write({"a.yaml": "abc", "b.yaml": "def"})
    commit(folder)
    monkeypatch.setattr(revision, "MAX_FILES", 1)
    assert refused(folder, "main") == "revision 'main' holds more than 1 files or 512 MiB there: name fewer paths"
    with revision_tree(folder, "main", [Path("a.yaml")]) as tree:
        assert list(files(tree.folder)) == ["a.yaml"]
    monkeypatch.setattr(revision, "MAX_FILES", 9)
    monkeypatch.setattr(revision, "MAX_BYTES", 5)
    assert "name fewer paths" in refused(folder, "main")


def test_without_git_it_is_said(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write({"a.yaml": ""})
    monkeypatch.setenv("PATH", str(folder))
    assert refused(folder, "main") == "reading a revision needs git on PATH"


def test_links_and_submodules_are_listed_and_not_followed(write: Write) -> None:
    folder = write({"a.yaml": "a"})
    (folder / "link.yaml").symlink_to("/etc/hostname")
    (folder / "folder").symlink_to("..")
    head = commit(folder)
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{head},vendored")
    git(folder, "commit", "--quiet", "-m", "two")
    with revision_tree(folder, "HEAD") as tree:
        assert list(files(tree.folder)) == ["a.yaml"]
        assert sorted((item.path, item.what) for item in tree.left_out) == [
            ("folder", "symbolic link"),
            ("link.yaml", "symbolic link"),
            ("vendored", "submodule"),
        ]


@pytest.mark.parametrize("name", ["..", ".git", ".GIT"])
def test_a_forged_tree_cannot_leave_its_folder(write: Write, name: str) -> None:
    folder = write({"a.yaml": "a"})
    commit(folder)
    blob = bytes.fromhex(git(folder, "hash-object", "-w", "--stdin", stdin=b"evil"))
    inner = b"100644 x.yaml\0" + blob
    forged = git(folder, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=inner)
    outer = b"40000 " + name.encode() + b"\0" + bytes.fromhex(forged)
    top = git(folder, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=outer)
    made = git(folder, "commit-tree", top, "-m", "forged")
    with revision_tree(folder, made) as tree:
        assert files(tree.folder) == {}
        assert not (tree.folder.parent / "x.yaml").exists()
        assert [item.path for item in tree.left_out] == [f"{name}/x.yaml"]


def test_nothing_of_the_configuration_is_run(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write({"a.yaml": "a: 1\n", ".gitattributes": "*.yaml filter=evil diff=evil text eol=crlf\n"})
    commit(folder)
    program = folder / "evil.sh"
    program.write_text(f"#!/bin/sh\ntouch {folder}/ran\ncat\n")
    program.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "core.alternateRefsCommand",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.evil.textconv",
        "diff.external",
        "credential.helper",
        "alias.cat-file",
        "alias.ls-tree",
    ):
        git(folder, "config", key, f"!{program}" if key.startswith("alias") else str(program))
    hooks = folder / ".git/hooks"
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (hooks / hook).write_text(program.read_text())
        (hooks / hook).chmod(0o755)
    monkeypatch.setenv("GIT_PAGER", str(program))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    with revision_tree(folder, "main") as tree:
        assert files(tree.folder)["a.yaml"] == b"a: 1\n"
    refused(folder, "mian")
    assert not (folder / "ran").exists()


def test_a_partial_clone_fetches_nothing(write: Write, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = write({"a.yaml": "a: 1\n"})
    commit(folder)
    git(folder, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path_factory.mktemp("clone") / "c"
    git(clone.parent, "clone", "--quiet", "--bare", "--filter=blob:none", folder.as_uri(), str(clone / ".git"))
    git(clone, "config", "core.bare", "false")
    program = clone / "evil.sh"
    program.write_text(f'#!/bin/sh\ntouch {clone}/ran\nexec git-upload-pack "$@"\n')
    program.chmod(0o755)
    for key, value in (("uploadpack", str(program)), ("url", f"ext::{program} x")):
        git(clone, "config", f"remote.origin.{key}", value)
        git(clone, "config", "protocol.allow", "always")
        git(clone, "config", "protocol.ext.allow", "always")
        assert "cannot " in refused(clone, "main")
    assert not (clone / "ran").exists()
