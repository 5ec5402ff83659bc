"""Writes docs/rules: one page for each rule, made from its documentation and its fixtures, and tables of them all.

python docs/generate.py            write what has changed, remove pages that no rule is left for
python docs/generate.py --check    write nothing; name the stale files and exit 1

Other pages may hold tables of rules: between `<!-- rules KYV101-KYV103 SIG110 -->` and `<!-- end of rules -->` stand
the rules of that name or range, as far as they exist.
"""

import argparse
import contextlib
import difflib
import io
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

from policylint.cli import main as policylint
from policylint.config.file import load_config
from policylint.lint.describe import rule_page
from policylint.lint.load_rules import load_rules
from policylint.lint.loaded import LoadedRule
from policylint.suites.rule_fixtures import FixtureCase, find_cases

ROOT = Path(__file__).parents[1]
_FINDING = re.compile(r"^(?=\S+:\d+:\d+: (?:error|warning|info)\[)", re.MULTILINE)
_SHOWN_FINDINGS = 2
_SHOWN_HUNKS = 2
_INDEX_HEAD = """\
# Rules

Made from `rules/` and `fixtures/` by `python docs/generate.py`. `policylint explain ID` prints the same documentation
in a terminal, without a network.

- **default**: the severity, or `off` for rules that run under a profile or when they are selected.
- **scope**: what the rule sees at once: a `document`, a `release` (what is applied together, such as one render of a
  chart), the whole `project`, or an `update`, an object and what it was before. Rules of the project run only when
  folders are checked, those about updates only with `--against`.
- **fix**: `safe` fixes are applied by `--fix`; `unsafe` ones need `--unsafe-fixes` as well.
"""
_COLUMNS = """\
| id | name | default | scope | profiles | fix | finds |
|---|---|---|---|---|---|---|
"""
# the families in the order of the tables; others come after them
FAMILIES = {
    "KYV": "Kyverno policies",
    "SIG": "Sigstore policies",
    "HOK": "Webhooks and admission policies",
    "GTK": "Gatekeeper",
    "IMG": "Images",
    "WFL": "Workflows",
    "ROL": "Rollouts",
    "PRJ": "Projects and what could not be read",
    "SUP": "Suppressions",
    "SUI": "Suites of policy tests",
}
_TABLE = re.compile(r"(<!-- rules ([A-Z0-9 -]+) -->\n).*?(<!-- end of rules -->\n)", re.DOTALL)


def pages() -> dict[str, str]:
    """Every page by its file name. The checkout must be the working directory: pages show paths and real output."""
    rules = load_rules()
    cases = list(find_cases(Path("fixtures")))
    made = {f"{loaded.rule.id}.md": _page(loaded, _example(loaded.rule.id, cases)) for loaded in rules}
    made["index.md"] = _INDEX_HEAD + "".join(_family_table(family, rules, cases) for family in _families(rules))
    return made


def with_tables(page: str, rules: Sequence[LoadedRule]) -> str:
    """`page` with its tables of rules as they are now."""

    def table(found: re.Match[str]) -> str:
        wanted = [name.partition("-")[::2] for name in found[2].split()]
        chosen = [each for first, last in wanted for each in rules if first <= each.rule.id <= (last or first)]
        rows = "".join(
            f"| {_link(each, 'rules/')} {each.rule.name} | {_state(each)} | {_summary(each)} |\n" for each in chosen
        )
        return f"{found[1]}| rule | default | finds |\n|---|---|---|\n{rows}{found[3]}"

    return _TABLE.sub(table, page)


def stale_tables(rules: Sequence[LoadedRule]) -> dict[Path, str]:
    """The pages of docs whose tables of rules are out of date, as they should be."""
    texts = {page: page.read_text("utf-8") for page in sorted((ROOT / "docs").glob("*.md"))}
    fresh = {page: with_tables(text, rules) for page, text in texts.items()}
    return {page: text for page, text in fresh.items() if text != texts[page]}


def stale(made: Mapping[str, str], folder: Path) -> list[str]:
    """The names of the pages in `folder` that differ from those in `made`, are missing, or belong to no rule."""
    there = {path.name: path.read_text("utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))


def write(made: Mapping[str, str], folder: Path) -> list[str]:
    """Brings `folder` up to date and returns what was stale in it."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = stale(made, folder)
    for name in changed:
        if name in made:
            (folder / name).write_text(made[name], "utf-8")
        else:
            (folder / name).unlink()
    return changed


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Write docs/rules from rules/ and fixtures/.")
    parser.add_argument("--check", action="store_true", help="write nothing; name the stale files and exit 1")
    arguments = parser.parse_args(argv)
    with contextlib.chdir(ROOT):
        made = pages()
    folder = ROOT / "docs" / "rules"
    changed = [f"rules/{name}" for name in (stale(made, folder) if arguments.check else write(made, folder))]
    for page, text in stale_tables(load_rules()).items():
        changed.append(page.name)
        if not arguments.check:
            page.write_text(text, "utf-8")
    for name in changed:
        sys.stdout.write(f"{'stale' if arguments.check else 'written'}: docs/{name}\n")
    if arguments.check and changed:
        sys.stderr.write("run `python docs/generate.py` and commit what it writes\n")
        return 1
    return 0


def _families(rules: Sequence[LoadedRule]) -> list[str]:
    present = {loaded.rule.family for loaded in rules}
    return [family for family in FAMILIES if family in present] + sorted(present - FAMILIES.keys())


def _family_table(family: str, rules: Sequence[LoadedRule], cases: Sequence[FixtureCase]) -> str:
    of_family = [loaded for loaded in rules if loaded.rule.family == family]
    rows = "".join(_row(loaded, _fixes(loaded.rule.id, cases)) for loaded in of_family)
    return f"\n## {FAMILIES.get(family, family)}\n\n{_COLUMNS}{rows}"


def _link(loaded: LoadedRule, folder: str = "") -> str:
    return f"[{loaded.rule.id}]({folder}{loaded.rule.id}.md)"


def _state(loaded: LoadedRule) -> str:
    return loaded.rule.severity if loaded.rule.default else "off"


def _summary(loaded: LoadedRule) -> str:
    return loaded.documentation.summary.replace("|", "\\|")


def _row(loaded: LoadedRule, fixes: str) -> str:
    rule = loaded.rule
    profiles = ", ".join(rule.profiles)
    cells = (_link(loaded), rule.name, _state(loaded), rule.scope, profiles, fixes, _summary(loaded))
    return "".join(f"| {cell} " if cell else "| " for cell in cells) + "|\n"


def _page(loaded: LoadedRule, example: FixtureCase | None) -> str:
    rule = loaded.rule.id
    page = rule_page(loaded).rstrip("\n") + "\n\n"
    if example is not None:
        arguments = _arguments(rule, example.path)
        output = f"$ policylint {' '.join(arguments)}\n{_shortened(_run(*arguments), rule)}"
        page += f"## Seen in a fixture\n\n{_fenced('console', output)}\n"
        if example.fixed is not None:
            page += f"What its fix makes of it:\n\n{_fenced('diff', _difference(example.path, example.fixed))}\n"
    return page + f"All cases, good and bad: [fixtures/{rule}](../../fixtures/{rule}).\n"


def _example(rule: str, cases: Sequence[FixtureCase]) -> FixtureCase | None:
    """The bad case of `rule` to show: a single file, by preference the one called bad."""
    bad = [case for case in cases if case.rule == rule and not case.good and case.path.is_file()]
    return next((case for case in bad if case.path.stem == "bad"), bad[0] if bad else None)


def _fixes(rule: str, cases: Sequence[FixtureCase]) -> str:
    """Which kinds of fixes the findings of `rule` in its fixtures carry."""
    paths = [case.path for case in cases if case.rule == rule and not case.good and case.path.is_file()]
    reports = (json.loads(_run(*_arguments(rule, path), "--output-format", "json")) for path in paths)
    findings = [finding for report in reports for finding in report["findings"]]
    safe = {finding["fix"]["safe"] for finding in findings if finding["rule"] == rule and finding["fix"]}
    return ", ".join(name for is_safe, name in ((True, "safe"), (False, "unsafe")) if is_safe in safe)


def _arguments(rule: str, path: Path) -> tuple[str, ...]:
    """The command that judges a fixture by its rule alone, or by the rules that its own configuration selects."""
    own, before = path.parent / "policylint.yaml", path.parent / "before"
    selects = own.is_file() and load_config(own).select
    selected = () if selects else ("--select", rule)
    against = ("--against", before.as_posix()) if before.is_dir() else ()
    return ("check", *selected, *against, path.as_posix())


def _run(*arguments: str) -> str:
    """What the command prints when it is run here."""
    out = io.StringIO()
    # the pages are the same whatever terminal they are made in
    with patch.dict(os.environ, {"COLUMNS": "120"}), contextlib.redirect_stdout(out):
        policylint(arguments)
    return out.getvalue()


def _shortened(output: str, rule: str) -> str:
    """The output with only the first findings of `rule`; what is left out is said."""
    *findings, last = _FINDING.split(output)
    last, _, summary = last.rpartition("\n\n")
    findings = [text for text in (*findings, last) if text.strip()]
    shown = [text for text in findings if f"[{rule}]" in text.partition("\n")[0]][:_SHOWN_FINDINGS]
    left_out = len(findings) - len(shown)
    more = f"… {left_out} more\n\n" if left_out else ""
    return "".join(text.rstrip("\n") + "\n\n" for text in shown) + more + summary


def _difference(before: Path, after: Path) -> str:
    """The first hunks of the difference between two files; how many are left out is said."""
    old, new = (path.read_bytes().decode().replace("\r\n", "\n").splitlines(keepends=True) for path in (before, after))
    lines = list(difflib.unified_diff(old, new, before.name, after.name, n=2))
    starts = [number for number, line in enumerate(lines) if line.startswith("@@")]
    cut = starts[_SHOWN_HUNKS:]
    return "".join(lines[: cut[0]]) + f"… {len(cut)} more\n" if cut else "".join(lines)


def _fenced(language: str, text: str) -> str:
    longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
