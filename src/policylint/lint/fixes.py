"""Fixes on files: which ones go together in one pass, writing what they come to, and showing the difference."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from policylint.errors import SourceError
from policylint.model import Edit, Finding
from policylint.sources.files import DecodedFile, explain_os_error, read_file, write_file

# Fixes that touch each other wait for the next pass; what still changes after this many will never settle.
MAX_PASSES = 10

WriteFile = Callable[[Path, DecodedFile, str], None]


class FixPlan(NamedTuple):
    """Edits by path that can be made together. `fixed` are the findings that they mend, `left` those that wait."""

    edits: Mapping[str, tuple[Edit, ...]]
    fixed: tuple[Finding, ...]
    left: tuple[Finding, ...]


class Refused(NamedTuple):
    """A file that was left alone, and why."""

    path: str
    reason: str


def plan_fixes(findings: Iterable[Finding], unsafe: bool) -> FixPlan:
    """The fixes that can be made in one pass: safe ones, and with `unsafe` the others too.

    Of fixes that touch each other the first of `findings` wins, and all edits of a fix go together or not at all.
    """
    chosen: dict[str, list[Edit]] = {}
    fixed: list[Finding] = []
    left: list[Finding] = []
    for finding in findings:
        fix = finding.fix
        if fix is None or not (fix.safe or unsafe):
            continue
        if any(_touch(edit, other) for edit in fix.edits for other in chosen.get(edit.path, ())):
            left.append(finding)
            continue
        fixed.append(finding)
        for edit in fix.edits:
            chosen.setdefault(edit.path, []).append(edit)
    edits = {path: tuple(sorted(found, key=lambda edit: edit.start)) for path, found in chosen.items()}
    return FixPlan(edits, tuple(fixed), tuple(left))


def _touch(one: Edit, other: Edit) -> bool:
    # also side by side: two insertions at one place may be the same one twice
    return one.start <= other.end and other.start <= one.end


def write_fixes(before: Mapping[str, str], after: Mapping[str, str], write: WriteFile = write_file) -> list[Refused]:
    """Puts the texts `after` in the place of the files at their paths, each in one atomic step.

    Encoding, byte order mark and mode stay; of a symbolic link the target is changed. Files whose text is no longer
    the one in `before`, and files that cannot be read or written, are left alone and returned with the reason.
    """
    refused = []
    for shown, text in after.items():
        path = Path(shown)
        try:
            decoded = read_file(path, shown)
            if decoded.text == text:
                continue  # the same file was reached by another name
            if decoded.text != before[shown]:
                refused.append(Refused(shown, "it changed after it was read"))
            else:
                write(path.resolve(), decoded, text)
        except SourceError as error:
            refused.append(Refused(shown, error.message))
        except OSError as error:
            refused.append(Refused(shown, explain_os_error(error)))
    return refused


def unified_diff(path: str, before: str, after: str) -> str:
    """The difference as `diff -u` prints it; empty when there is none."""
    from difflib import unified_diff as difference

    lines = difference(_lines(before), _lines(after), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    # str.splitlines would also break at form feeds and the like, which editors and `patch` do not
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
