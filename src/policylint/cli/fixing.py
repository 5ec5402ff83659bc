"""`--fix` and `--diff`: what fixes come to, put into the files or only shown."""

import sys

from policylint.errors import UsageError
from policylint.lint.check import CheckRequest, CheckResult, check
from policylint.lint.fixes import unified_diff, write_fixes
from policylint.lint.fixing import fix
from policylint.report.escape import visible


def fix_and_check(request: CheckRequest, unsafe: bool, write: bool) -> tuple[CheckResult, str]:
    """The result once everything that can be fixed is, and the unified diff that leads there.

    With `write` the files are changed. One that cannot be, or that changed meanwhile, is left alone with a note on
    stderr, and its findings stand. Raises UsageError for stdin with `write`: there is no file to put the result in.
    """
    if write and "-" in request.paths:
        raise UsageError("--fix changes files, and stdin is none: use --diff to see what would change")
    fixed = fix(request, unsafe)
    diff = "".join(unified_diff(path, fixed.before[path], text) for path, text in sorted(fixed.after.items()))
    if not write:
        return fixed.result, diff
    refused = write_fixes(fixed.before, fixed.after)
    for each in refused:
        sys.stderr.write(f"policylint: {visible(each.path)} was not fixed: {each.reason}\n")
    changed = len(fixed.after) - len(refused)
    if changed:
        sys.stderr.write(f"policylint: fixed {changed} file{'s' if changed > 1 else ''}\n")
    return (check(request) if refused else fixed.result), diff
