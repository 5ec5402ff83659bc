"""Fixes on files: which go together, how files are written, and how the difference looks."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policylint.document.edits import apply_edits
from policylint.lint.fixes import plan_fixes, unified_diff, write_fixes
from policylint.model import Edit, Finding, Location, TextFix
from policylint.sources.files import DecodedFile


def finding(name: str, *edits: Edit, safe: bool = True) -> Finding:
    fix = TextFix(name, safe, edits) if edits else None
    return Finding(Location("a.yaml"), name, "", "error", "", "", "", None, "", fix=fix)


def edit(start: int, end: int, text: str = "", path: str = "a.yaml") -> Edit:
    return Edit(path, start, end, text)


def names(findings: tuple[Finding, ...]) -> list[str]:
    return [each.rule for each in findings]


def test_the_first_of_fixes_that_touch_wins_and_all_edits_of_a_fix_go_together() -> None:
    plan = plan_fixes(
        [
            finding("first", edit(10, 12, "x")),
            finding("none"),
            finding("overlaps", edit(11, 13), edit(40, 41)),
            finding("beside", edit(12, 12, "y")),
            finding("elsewhere", edit(10, 12, "x", "b.yaml"), edit(40, 41, "z")),
            finding("before", edit(0, 2)),
        ],
        unsafe=False,
    )
    assert names(plan.fixed) == ["first", "elsewhere", "before"]
    assert names(plan.left) == ["overlaps", "beside"]
    assert plan.edits == {
        "a.yaml": (edit(0, 2), edit(10, 12, "x"), edit(40, 41, "z")),
        "b.yaml": (edit(10, 12, "x", "b.yaml"),),
    }


def test_the_same_insertion_is_made_once() -> None:
    plan = plan_fixes([finding("one", edit(5, 5, "k: 1\n")), finding("two", edit(5, 5, "k: 1\n"))], unsafe=False)
    assert (names(plan.fixed), names(plan.left)) == (["one"], ["two"])


def test_unsafe_fixes_are_made_only_when_asked_for() -> None:
    findings = [finding("unsafe", edit(0, 1), safe=False), finding("safe", edit(0, 1))]
    assert names(plan_fixes(findings, unsafe=False).fixed) == ["safe"]
    assert names(plan_fixes(findings, unsafe=True).fixed) == ["unsafe"]


SPANS = st.tuples(st.integers(0, 30), st.integers(0, 5), st.text("xy", max_size=2))


@settings(deadline=None)
@given(st.lists(st.lists(SPANS, min_size=1, max_size=2), max_size=6))
def test_a_plan_can_always_be_applied(fixes: list[list[tuple[int, int, str]]]) -> None:
    findings = [
        finding(str(number), *(edit(start, start + length, text) for start, length, text in spans))
        for number, spans in enumerate(fixes)
        if len(spans) == 1 or spans[0][0] + spans[0][1] < spans[1][0]
    ]
    plan = plan_fixes(findings, unsafe=False)
    assert len(plan.fixed) + len(plan.left) == len(findings)
    assert findings[:1] == list(plan.fixed[:1])
    edits = plan.edits.get("a.yaml", ())
    text = "." * 40
    grown = sum(len(each.text) - (each.end - each.start) for each in edits)
    assert len(apply_edits(text, edits)) == len(text) + grown


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a: 1\r\nb: \xc3\xa9\r\n", b"a: 2\r\nb: \xc3\xa9\r\n"),
        (b"\xef\xbb\xbfa: 1\n", b"\xef\xbb\xbfa: 2\n"),
        (b"\xff\xfea\x00:\x00 \x001\x00", b"\xff\xfea\x00:\x00 \x002\x00"),
        (b"\xfe\xff\x00a\x00:\x00 \x001", b"\xfe\xff\x00a\x00:\x00 \x002"),
    ],
)
def test_encoding_mark_and_mode_survive(tmp_path: Path, data: bytes, expected: bytes) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    path.chmod(0o640)
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-16" if data[:1] in (b"\xff", b"\xfe") else "utf-8")
    assert write_fixes({str(path): text}, {str(path): text.replace("1", "2")}) == []
    assert path.read_bytes() == expected
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["a.yaml"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.yaml", tmp_path / "link.yaml"
    target.write_text("a: 1\n")
    link.symlink_to(target)
    assert write_fixes({str(link): "a: 1\n"}, {str(link): "a: 2\n"}) == []
    assert link.is_symlink()
    assert target.read_text() == "a: 2\n"


def test_a_file_that_changed_or_went_away_is_left_alone_and_the_others_written(tmp_path: Path) -> None:
    changed, gone, fine = (str(tmp_path / name) for name in ("changed.yaml", "gone.yaml", "fine.yaml"))
    Path(changed).write_text("a: 9\n")
    Path(fine).write_text("a: 1\n")
    before = dict.fromkeys((changed, gone, fine), "a: 1\n")
    refused = write_fixes(before, dict.fromkeys(before, "a: 2\n"))
    assert [(each.path, each.reason) for each in refused] == [
        (changed, "it changed after it was read"),
        (gone, "no such file (did it vanish?)"),
    ]
    assert (Path(changed).read_text(), Path(fine).read_text()) == ("a: 9\n", "a: 2\n")


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n")

    def refuse(_path: Path, _decoded: DecodedFile, _text: str) -> None:
        raise PermissionError(13, "Permission denied")

    (refused,) = write_fixes({str(path): "a: 1\n"}, {str(path): "a: 2\n"}, refuse)
    assert (refused.path, refused.reason) == (str(path), "permission denied")
    assert path.read_text() == "a: 1\n"


def test_the_difference_looks_as_diff_prints_it() -> None:
    assert unified_diff("d/a.yaml", "a: 1\nb: 2\n", "a: 1\nb: 3\n") == (
        "--- a/d/a.yaml\n+++ b/d/a.yaml\n@@ -1,2 +1,2 @@\n a: 1\n-b: 2\n+b: 3\n"
    )
    assert unified_diff("a", "a: 1", "a: 2\n") == (
        "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a: 1\n\\ No newline at end of file\n+a: 2\n"
    )
    assert unified_diff("a", "x\n", "x\n") == ""


@pytest.mark.parametrize(
    ("before", "after"), [("a: 1\r\nb: 2\r\n", "a: 1\r\nc: 2\r\n"), ("a: 1", "a: 1\nb: 2"), ("a\x0cb\nc\n", "a\x0cb\n")]
)
def test_the_difference_can_be_applied(tmp_path: Path, before: str, after: str) -> None:
    (tmp_path / "f.yaml").write_bytes(before.encode())
    subprocess.run(
        ["git", "apply", "-"], cwd=tmp_path, input=unified_diff("f.yaml", before, after).encode(), check=True
    )
    assert (tmp_path / "f.yaml").read_bytes() == after.encode()
