"""Check and fix until nothing changes, in memory; the files are written, or only compared, at the end."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from policylint.document.edits import apply_edits
from policylint.lint.check import CheckRequest, CheckResult, check, with_stdin
from policylint.lint.fixes import MAX_PASSES, plan_fixes


class Fixed(NamedTuple):
    """The result once everything is fixed; texts before and after, by path, of the files that fixes change."""

    result: CheckResult
    before: Mapping[str, str]
    after: Mapping[str, str]


def fix(request: CheckRequest, unsafe: bool) -> Fixed:
    """Applies safe fixes, and with `unsafe` the others, pass after pass. No file is written."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    spec = with_stdin(request).spec._replace(fixing=True)
    for _ in range(MAX_PASSES):
        result = check(request._replace(spec=spec._replace(overlay={**spec.overlay, **after})))
        edits = plan_fixes(result.report.findings, unsafe).edits
        if not edits:
            break
        for path, changes in edits.items():
            text = after.get(path, result.texts[path])
            before.setdefault(path, text)
            after[path] = apply_edits(text, changes)
    return Fixed(result, before, after)


def fix_texts(request: CheckRequest, unsafe: bool) -> dict[str, str]:
    """The texts of the files that fixes change, by absolute posix path."""
    return {Path(path).absolute().as_posix(): text for path, text in fix(request, unsafe).after.items()}
