"""Rule fixtures: files that show what a rule reports, on which lines, and what its fix makes of them.

`fixtures/<ID>/good*` must be silent for the rule; `fixtures/<ID>/bad*` must raise exactly what its comments
`# expect: ID` (that line) and `# expect-next: ID` (the next line) say; `bad*.fixed.*` is what `--fix` leaves of it.
A case is a file or a whole folder; a `policylint.yaml` beside the cases configures them, and a folder `before` beside
them holds what the cluster has, for rules about changes.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from policylint.config import Config
from policylint.config.file import default_config, load_config
from policylint.lint.check import CheckRequest, check
from policylint.lint.session import RunSpec
from policylint.model import Finding

_EXPECT = re.compile(r"#.*?\bexpect(-next)?:\s*([A-Z]+\d{3}(?:[ ,]+[A-Z]+\d{3})*)")
_ID = re.compile(r"[A-Z]+\d{3}\Z")
_CONFIG = "policylint.yaml"
_BEFORE = "before"

Expected = Counter[tuple[str, int, str]]


class FixtureCase(NamedTuple):
    """One good or bad example of the rule `rule`; `path` is a file or a folder, `fixed` what a fix must make of it."""

    rule: str
    path: Path
    fixed: Path | None

    @property
    def name(self) -> str:
        return f"{self.rule}/{self.path.name}"

    @property
    def good(self) -> bool:
        return self.path.name.startswith("good")


def is_case(path: Path, root: Path) -> bool:
    """Whether `path` is a case of the fixture folder `root`."""
    folder = path.parent
    return (
        folder.parent == root
        and _ID.match(folder.name) is not None
        and path.name.startswith(("good", "bad"))
        and ".fixed" not in path.suffixes
    )


def find_cases(root: Path) -> Iterator[FixtureCase]:
    """Every case under `root`, in order."""
    for folder in _rule_folders(root):
        for path in sorted(folder.iterdir()):
            if is_case(path, root):
                yield case_at(path)


def case_at(path: Path) -> FixtureCase:
    """The case whose file or folder is `path`."""
    fixed = path.with_name(f"{path.stem}.fixed{path.suffix}")
    return FixtureCase(path.parent.name, path, fixed if fixed.exists() else None)


def missing_cases(roots: Iterable[Path], rules: Iterable[str]) -> list[str]:
    """What is missing under `roots`: a good or a bad case, of each of `rules` and of each rule with a folder there."""
    existing = [root for root in roots if root.is_dir()]
    have = {(case.rule, case.good) for root in existing for case in find_cases(root)}
    begun = {folder.name for root in existing for folder in _rule_folders(root)}
    wanted = [(rule, good) for rule in sorted({*rules, *begun}) for good in (True, False)]
    return [f"{rule} has no {'good' if good else 'bad'} fixture" for rule, good in wanted if (rule, good) not in have]


def fixture_patterns(roots: Iterable[Path], config: Config) -> list[str]:
    """Patterns for the configuration's `exclude` that match the cases under `roots`: they are bad on purpose."""
    base = Path(config.root).resolve()
    folders = [folder.resolve() for root in roots if root.is_dir() for folder in _rule_folders(root)]
    within = [folder.relative_to(base).as_posix() for folder in folders if folder.is_relative_to(base)]
    return ["/" + re.sub(r"([\\*?\[\]!#])", r"\\\1", path) + "/" for path in within]


def _rule_folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir() and _ID.match(path.name))


def run_case(case: FixtureCase, base: RunSpec) -> list[str]:
    """Runs one case and says, line by line, where it disagrees with what it promises; empty when it holds.

    `base` carries what the project configures: the rule paths and whether Python rules may run.
    """
    config = _config(case, base.config)
    expected = _expected(case)
    mentioned = {rule for _, _, rule in expected} | {case.rule}
    spec = base._replace(config=config, select=() if config.select else tuple(sorted(mentioned)))
    before = case.path.parent / _BEFORE
    result = check(CheckRequest((str(case.path),), spec, against=str(before) if before.is_dir() else ""))
    disagreements = [f"{error.rule} broke: {error.message}" for error in result.report.errors]
    found = [finding for finding in result.report.findings if finding.rule in mentioned]
    disagreements += _compare(expected, found)
    if case.good and expected:
        disagreements.append("a good case expects nothing, but has `# expect:` comments")
    if not case.good and not any(rule == case.rule for _, _, rule in expected):
        disagreements.append(f"a bad case needs a `# expect: {case.rule}` comment")
    if case.fixed is not None:
        disagreements += _compare_fixed(case, spec)
    return disagreements


def _config(case: FixtureCase, project: Config) -> Config:
    own = case.path / _CONFIG if case.path.is_dir() else None
    file = own if own is not None and own.is_file() else case.path.parent / _CONFIG
    config = load_config(file) if file.is_file() else default_config(case.path.parent)
    rule_paths = tuple(str(Path(project.root, path).absolute()) for path in project.rule_paths)
    return config._replace(rule_paths=(*rule_paths, *config.rule_paths))


def _expected(case: FixtureCase) -> Expected:
    files = [case.path] if case.path.is_file() else sorted(path for path in case.path.rglob("*") if path.is_file())
    expected: Expected = Counter()
    for file in files:
        for number, line in enumerate(file.read_text("utf-8", "replace").split("\n"), 1):
            for match in _EXPECT.finditer(line):
                place = number + 1 if match[1] else number
                expected.update((_key(file), place, rule) for rule in re.findall(r"[A-Z]+\d{3}", match[2]))
    return expected


def _key(path: Path) -> str:
    return path.absolute().as_posix()


def _compare(expected: Expected, findings: list[Finding]) -> list[str]:
    counts: Expected = Counter()
    by_place: dict[tuple[str, int, str], Finding] = {}
    for finding in findings:
        place = (_key(Path(finding.location.path)), finding.location.line, finding.rule)
        counts[place] += 1
        by_place[place] = finding
    lines = [
        f"{Path(path).name}:{line}: expected {rule}, and it was not reported" for path, line, rule in expected - counts
    ]
    for path, line, rule in counts - expected:
        message = by_place[path, line, rule].message
        lines.append(f"{Path(path).name}:{line}: {rule} was not expected here: {message}")
    return sorted(lines)


def _compare_fixed(case: FixtureCase, spec: RunSpec) -> list[str]:
    from difflib import unified_diff

    from policylint.lint.fixing import fix_texts

    if case.fixed is None:
        return []
    texts = fix_texts(CheckRequest((str(case.path),), spec), unsafe=True)
    got = texts.get(_key(case.path), case.path.read_bytes().decode("utf-8"))
    want = case.fixed.read_bytes().decode("utf-8")
    if got == want:
        return []
    return list(
        unified_diff(want.splitlines(), got.splitlines(), case.fixed.name, f"{case.path.name} after --fix", lineterm="")
    )
