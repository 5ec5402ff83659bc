"""Which rules run, how severe they are, with which options, and which files are spared."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from policylint.config import Config
from policylint.config.file import load_config
from policylint.errors import ConfigError, RuleFileError, UsageError
from policylint.lint.loaded import LoadedRule
from policylint.lint.rule import Option, Rule, RuleContext
from policylint.lint.selection import Selection, select_rules
from policylint.model import Problem

TAGS = Option({"type": "array", "items": {"type": "string"}}, ["latest"], "tags that move")
DEPTH = Option({"type": "integer", "minimum": 1}, 3, "how deep")


def nothing(_view: Any, _context: RuleContext) -> Iterable[Problem]:
    return ()


def loaded_rule(rule: Rule) -> LoadedRule:
    return LoadedRule(rule, nothing, None, Path(f"{rule.id}.py"))  # type: ignore[arg-type]


RULES = tuple(
    loaded_rule(rule)
    for rule in (
        Rule("KYV001", "mutate-digest-audit", "error"),
        Rule("KYV002", "webhook-timeout-missing", "warning"),
        Rule("KYV003", "strict-timeouts", "info", default=False, profiles=("strict",)),
        Rule("IMG001", "unpinned-image", "error", options={"moving-tags": TAGS, "depth": DEPTH}),
        Rule("IMG002", "image-without-digest", "error", default=False, profiles=("pinned", "strict")),
        Rule("PRJ001", "unparsed-file", "error"),
        Rule("PRJ002", "unknown-kind", "warning", default=False, profiles=("strict",)),
        Rule("SUP001", "unused-suppression", "error"),
    )
)
OWN = ["PRJ001", "SUP001"]
AS_A_WHOLE = "cannot be ignored as a whole, so that nothing passes silently; name the rules that are meant:"


def ids(selection: Selection) -> list[str]:
    return [loaded.rule.id for loaded in selection.active]


def selected(config: Config | None = None, **command_line: Any) -> list[str]:
    return ids(select_rules(RULES, config or Config(), **command_line))


def configured(folder: Path, text: str) -> Config:
    (folder / "policylint.yaml").write_text(text)
    return load_config(folder / "policylint.yaml")


class TestWhatRuns:
    def test_the_default_set(self) -> None:
        assert selected() == ["KYV001", "KYV002", "IMG001", *OWN]

    @pytest.mark.parametrize(
        ("profile", "more"), [(("pinned",), ["IMG002"]), (("strict",), ["KYV003", "IMG002", "PRJ002"])]
    )
    def test_profiles_add(self, profile: tuple[str, ...], more: list[str]) -> None:
        expected = sorted(["KYV001", "KYV002", "IMG001", *OWN, *more])
        assert sorted(selected(Config(profile=profile))) == expected
        assert sorted(selected(cli_profile=profile)) == expected

    @pytest.mark.parametrize(
        ("select", "profile", "expected"),
        [
            (("KYV001",), (), ["KYV001", *OWN]),
            (("mutate-digest-audit",), (), ["KYV001", *OWN]),
            (("KYV",), (), ["KYV001", "KYV002", *OWN]),
            (("KYV",), ("strict",), ["KYV001", "KYV002", "KYV003", *OWN]),
            (("KYV",), ("pinned",), ["KYV001", "KYV002", *OWN]),
            (("IMG",), ("pinned",), ["IMG001", "IMG002", *OWN]),
            (("IMG002",), (), ["IMG002", *OWN]),
            (("image-without-digest", "KYV003"), (), ["KYV003", "IMG002", *OWN]),
            (("PRJ",), (), OWN),
            (("PRJ002",), (), ["PRJ001", "PRJ002", "SUP001"]),
            (("all",), (), [loaded.rule.id for loaded in RULES]),
        ],
    )
    def test_select_is_exact(self, select: tuple[str, ...], profile: tuple[str, ...], expected: list[str]) -> None:
        assert selected(Config(select=select, profile=profile)) == expected
        assert selected(Config(profile=profile), cli_select=select) == expected

    @pytest.mark.parametrize(
        ("ignore", "expected"),
        [
            (("KYV001",), ["KYV002", "IMG001", *OWN]),
            (("unpinned-image", "KYV"), OWN),
            (("all",), OWN),
            (("PRJ001",), ["KYV001", "KYV002", "IMG001", "SUP001"]),
            (("unused-suppression",), ["KYV001", "KYV002", "IMG001", "PRJ001"]),
            (("IMG002",), ["KYV001", "KYV002", "IMG001", *OWN]),
        ],
    )
    def test_ignore_takes_away(self, ignore: tuple[str, ...], expected: list[str]) -> None:
        assert selected(Config(ignore=ignore)) == expected
        assert selected(cli_ignore=ignore) == expected

    def test_ignore_outranks_select(self) -> None:
        assert selected(Config(select=("KYV", "IMG001"), ignore=("KYV002",))) == ["KYV001", "IMG001", *OWN]
        assert selected(cli_select=["KYV001"], cli_ignore=["KYV001"]) == OWN

    def test_the_command_line_replaces_select_and_profile_and_adds_to_ignore(self) -> None:
        config = Config(select=("IMG",), profile=("pinned",), ignore=("KYV002",))
        assert selected(config, cli_select=["KYV"]) == ["KYV001", *OWN]
        assert selected(config, cli_profile=["strict"]) == ["IMG001", "IMG002", *OWN]
        assert selected(config._replace(select=(), profile=()), cli_ignore=["KYV001"]) == ["IMG001", *OWN]

    def test_a_rule_named_on_the_command_line_runs_although_the_configuration_ignores_it(self) -> None:
        config = Config(ignore=("KYV",))
        assert selected(config, cli_select=["webhook-timeout-missing"]) == ["KYV002", *OWN]
        assert selected(config, cli_select=["KYV"]) == OWN

    def test_no_rules_at_all(self) -> None:
        assert ids(select_rules((), Config())) == []


class TestUnknownNames:
    @pytest.mark.parametrize(
        ("option", "given", "message"),
        [
            ("select", "KYV01", "--select: unknown rule 'KYV01'; did you mean 'KYV001'?"),
            ("select", "kyv", "--select: unknown rule 'kyv'; did you mean 'KYV'?"),
            ("select", "unpinned-images", "--select: unknown rule 'unpinned-images'; did you mean 'unpinned-image'?"),
            ("select", "zzzzzz", "--select: unknown rule 'zzzzzz'"),
            ("ignore", "All", "--ignore: unknown rule 'All'; did you mean 'all'?"),
            ("ignore", "PRJ", f"--ignore: the family 'PRJ' {AS_A_WHOLE} PRJ001, PRJ002"),
            ("profile", "pined", "--profile: unknown profile 'pined'; did you mean 'pinned'?"),
            ("profile", "x", "--profile: unknown profile 'x'; known are pinned, strict"),
        ],
    )
    def test_on_the_command_line(self, option: str, given: str, message: str) -> None:
        with pytest.raises(UsageError) as caught:
            selected(**{f"cli_{option}": [given]})
        assert str(caught.value) == message

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("select:\n- KYV\n- KYV01\n", "3:3: unknown rule 'KYV01'; did you mean 'KYV001'?"),
            ("profile: []\nignore: [KYV, unpinned]\n", "2:15: unknown rule 'unpinned'; did you mean 'unpinned-image'?"),
            ("profile: strickt\n", "1:1: unknown profile 'strickt'; did you mean 'strict'?"),
            ("severity:\n  IMG01: error\n", "2:3: severity: unknown rule 'IMG01'; did you mean 'IMG001'?"),
            ("severity: {IMG: error}\n", "1:12: severity: unknown rule 'IMG'; did you mean 'IMG002'?"),
            (
                "severity:\n  IMG001: error\n  unpinned-image: info\n",
                "3:3: severity: 'unpinned-image' is a rule that is set above under its other name",
            ),
            ("rules: {IMG9: {}}\n", "1:9: rules: unknown rule 'IMG9'; did you mean 'IMG002'?"),
            ("per-file-ignores:\n  a.yaml: [KYV, IMG9]\n", "2:17: unknown rule 'IMG9'; did you mean 'IMG'?"),
            ("per-file-ignores: {a.yaml: [SUP]}\n", f"1:29: the family 'SUP' {AS_A_WHOLE} SUP001"),
        ],
    )
    def test_in_the_configuration(self, tmp_path: Path, text: str, message: str) -> None:
        with pytest.raises(ConfigError) as caught:
            selected(configured(tmp_path, text))
        assert str(caught.value) == f"{(tmp_path / 'policylint.yaml').as_posix()}:{message}"

    def test_in_a_configuration_without_a_file(self) -> None:
        with pytest.raises(ConfigError) as caught:
            selected(Config(select=("KYV01",)))
        assert str(caught.value) == "unknown rule 'KYV01'; did you mean 'KYV001'?"


class TestSeverity:
    def test_configured_outranks_the_problem_and_the_problem_outranks_the_rule(self) -> None:
        selection = select_rules(RULES, Config(severity={"KYV002": "error", "unpinned-image": "info"}))
        assert selection.severity == {
            **{loaded.rule.id: loaded.rule.severity for loaded in RULES},
            "KYV002": "error",
            "IMG001": "info",
        }
        assert selection.severity_of("IMG001", "error") == "info"
        assert selection.severity_of("KYV001", "warning") == "warning"
        assert selection.severity_of("KYV001") == "error"
        assert selection.severity_of("KYV002") == "error"


class TestOptions:
    def test_defaults_and_what_the_user_set(self) -> None:
        assert select_rules(RULES, Config()).options["IMG001"] == {"moving-tags": ["latest"], "depth": 3}
        selection = select_rules(RULES, Config(rules={"unpinned-image": {"depth": 5}}))
        assert selection.options["IMG001"] == {"moving-tags": ["latest"], "depth": 5}
        assert selection.options["KYV001"] == {}

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("  IMG001: {dept: 1}\n", "2:12: rules.IMG001: unknown option 'dept'; did you mean 'depth'?"),
            ("  IMG001: {xyz: 1}\n", "2:12: rules.IMG001: unknown option 'xyz'; known are moving-tags, depth"),
            ("  KYV001: {depth: 1}\n", "2:12: rules.KYV001: the rule takes no options"),
            ("  IMG001:\n    depth: 0\n", "3:5: rules.IMG001.depth: 0 is less than the minimum of 1"),
            (
                "  unpinned-image:\n    moving-tags:\n    - a\n    - 1\n",
                "5:7: rules.IMG001.moving-tags[1]: 1 is not of type 'string'",
            ),
        ],
    )
    def test_errors(self, tmp_path: Path, text: str, message: str) -> None:
        with pytest.raises(ConfigError) as caught:
            selected(configured(tmp_path, f"rules:\n{text}"))
        assert str(caught.value) == f"{(tmp_path / 'policylint.yaml').as_posix()}:{message}"

    def test_a_schema_that_is_none_is_the_rule_author_s_error(self) -> None:
        broken = loaded_rule(Rule("ABC001", "broken", "info", options={"a": Option({"type": "sting"}, 1, "")}))
        message = r"^ABC001\.py:1:1: the schema of the option 'a' is not a JSON Schema: 'sting' is not valid"
        with pytest.raises(RuleFileError, match=message):
            select_rules([broken], Config(rules={"ABC001": {"a": 1}}))


class TestPerFileIgnores:
    def test_patterns_are_those_of_gitignore_and_relative_to_the_root(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        ignores = {"examples/": ("KYV",), "*.test.yaml": ("IMG001",), "/a/**/b.yaml": ("all", "PRJ001")}
        selection = select_rules(RULES, Config(root=str(tmp_path), per_file_ignores=ignores))
        kyverno = {"KYV001", "KYV002", "KYV003"}
        assert selection.ignored_for("examples/x.yaml") == kyverno
        assert selection.ignored_for("deep/examples/x.test.yaml") == {*kyverno, "IMG001"}
        assert selection.ignored_for("a/one/two/b.yaml") == {*kyverno, "IMG001", "IMG002", "PRJ001"}
        assert selection.ignored_for("x/a/b.yaml") == frozenset()
        assert selection.ignored_for(str(tmp_path / "examples" / "x.yaml")) == kyverno

    def test_paths_of_findings_are_relative_to_the_current_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "deploy").mkdir()
        monkeypatch.chdir(tmp_path / "deploy")
        selection = select_rules(
            RULES, Config(root="..", per_file_ignores={"/deploy/x.yaml": ("KYV001",), "/y.yaml": ("KYV002",)})
        )
        assert selection.ignored_for("x.yaml") == {"KYV001"}
        assert selection.ignored_for("../y.yaml") == {"KYV002"}
        assert selection.ignored_for("y.yaml") == frozenset()
        assert selection.ignored_for("../../y.yaml") == frozenset()

    def test_a_pattern_of_nothing(self) -> None:
        with pytest.raises(ConfigError, match="per-file-ignores: the pattern '# a' matches no file by itself"):
            select_rules(RULES, Config(per_file_ignores={"# a": ("KYV",)}))

    def test_without_patterns(self) -> None:
        assert select_rules(RULES, Config()).ignored_for("a.yaml") == frozenset()
