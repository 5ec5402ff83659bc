"""The configuration file: where it is found, what it means, and what is said about one that is wrong."""

import copy
import json
import re
import subprocess
import sys
import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from config_cases import BAD, GOOD, Bad, Good
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from policylint.config import ChartRender, Cluster, Config, ConfiguredSuppression, NodePool, OtherPods
from policylint.config_convert import convert
from policylint.config_file import default_config, find_config, load_config, locate_setting
from policylint.config_setting import Setting
from policylint.document.compose import ComposedDocument, compose
from policylint.document.construct import construct
from policylint.document.scalars import Dialect, resolve_core
from policylint.errors import ConfigError
from policylint.model import ROOT, Location, YamlPath

DOCS = Path(__file__).parents[2] / "docs" / "configuration.md"
SCHEMA = json.loads((files("policylint") / "config.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def loaded(folder: Path, text: str, name: str = "policylint.yaml") -> Config:
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return load_config(folder / name)


def refused(folder: Path, text: str | bytes, name: str = "policylint.yaml") -> str:
    """The message without the path, which must be the file's."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load_config(folder / name)
    message = str(caught.value)
    prefix = f"{(folder / name).as_posix()}:"
    assert message.startswith(prefix)
    return message.removeprefix(prefix)


def plain(text: str) -> Any:
    (document,) = compose(text)
    assert isinstance(document, ComposedDocument)
    return construct(document.node, Dialect("test", resolve_core, str, merges=True)).data


def converts(data: Any) -> bool:
    try:
        convert(Setting(data, ROOT, lambda _path, _at: Location("x")), ".", "x")
    except ConfigError:
        return False
    return True


class TestFinding:
    @pytest.mark.parametrize("name", ["policylint.yaml", ".policylint.yaml"])
    def test_the_nearest_file_above_counts(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_text("fail-on: info\n")
        deep = tmp_path / "a" / "b"
        deep.mkdir(parents=True)
        (deep / "pod.yaml").write_text("kind: Pod\n")
        assert find_config(deep) == tmp_path / name
        assert find_config(deep / "pod.yaml") == tmp_path / name
        (tmp_path / "a" / name).write_text("fail-on: error\n")
        assert find_config(deep) == tmp_path / "a" / name

    @pytest.mark.parametrize(
        "text",
        [
            "[tool.policylint]\n",
            '[tool."policylint".cluster]\n',
            "[tool]\npolicylint.profile = 'pinned'\n",
            "tool.policylint = {}\n",
        ],
    )
    def test_a_pyproject_with_the_table_counts(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "pyproject.toml").write_text(text)
        assert find_config(tmp_path) == tmp_path / "pyproject.toml"

    @pytest.mark.parametrize(
        "text",
        [
            "[project]\nname = 'a'\n",
            "[project.scripts]\npolicylint = 'x'\n",
            "dependencies = ['policylint']\n",
            "[broken\n",
            "\xff",
        ],
    )
    def test_another_pyproject_does_not(self, tmp_path: Path, text: str) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "pyproject.toml").write_text(text, encoding="latin-1")
        assert find_config(tmp_path) is None

    def test_a_broken_pyproject_that_names_the_table_is_not_passed_over(self, tmp_path: Path) -> None:
        assert (
            refused(tmp_path, "[tool.policylint]\nselect = [\n", "pyproject.toml")
            == "3:1: this is not TOML: invalid value"
        )
        assert find_config(tmp_path) == tmp_path / "pyproject.toml"

    def test_the_search_ends_at_the_repository(self, tmp_path: Path) -> None:
        (tmp_path / "policylint.yaml").write_text("fail-on: info\n")
        repository = tmp_path / "repository"
        (repository / ".git").mkdir(parents=True)
        (repository / "deploy").mkdir()
        assert find_config(repository / "deploy") is None
        (repository / ".policylint.yaml").write_text("fail-on: info\n")
        assert find_config(repository / "deploy") == repository / ".policylint.yaml"

    @pytest.mark.parametrize(
        ("names", "message"),
        [
            (("policylint.yaml", ".policylint.yaml"), "policylint.yaml and .policylint.yaml"),
            (("policylint.yaml", "pyproject.toml"), "policylint.yaml and pyproject.toml"),
            (("pyproject.toml", ".policylint.yaml"), ".policylint.yaml and pyproject.toml"),
        ],
    )
    def test_two_in_one_folder_are_an_error(self, tmp_path: Path, names: tuple[str, str], message: str) -> None:
        for name in names:
            (tmp_path / name).write_text("[tool.policylint]\n" if name.endswith("toml") else "fail-on: info\n")
        with pytest.raises(
            ConfigError, match=f"this folder has two configurations: {re.escape(message)}; keep one of them"
        ):
            find_config(tmp_path)

    @pytest.mark.parametrize("name", ["policylint.yml", ".policylint.yml"])
    def test_a_name_that_is_not_read_is_said(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_text("fail-on: info\n")
        with pytest.raises(
            ConfigError, match=f"1:1: {re.escape(name)} is not read: name it {re.escape(name[:-4])}.yaml"
        ):
            find_config(tmp_path)

    def test_a_cycle_of_symlinks_ends(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "loop").symlink_to("loop")
        assert find_config(tmp_path / "loop") is None

    def test_a_folder_named_like_the_file_is_not_one(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "policylint.yaml").mkdir()
        assert find_config(tmp_path) is None


class TestLoading:
    def test_without_a_file(self, tmp_path: Path) -> None:
        assert default_config(tmp_path) == Config(root=str(tmp_path))

    @pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n"])
    def test_an_empty_file_is_the_default(self, tmp_path: Path, text: str) -> None:
        file = tmp_path / "policylint.yaml"
        assert loaded(tmp_path, text) == Config(root=str(tmp_path), file=file.as_posix())

    def test_everything(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        text = "".join(good.text for good in GOOD if good.name != "profiles")
        assert loaded(tmp_path, text) == Config(
            root=str(tmp_path),
            file="policylint.yaml",
            select=("KYV", "all"),
            severity={"KYV002": "error"},
            fail_on="info",
            profile=("pinned",),
            exclude=("vendor/", "!vendor/own.yaml"),
            kubernetes_version="1.31",
            kyverno_version="1.13.2",
            rule_paths=("lint",),
            rules={"IMG001": {"moving-tags": ["latest"], "depth": 2, "on": None}, "KYV001": {}},
            charts=(
                ChartRender(
                    "charts/app",
                    ("one.yaml",),
                    ("image.tag=1", "a="),
                    "shop",
                    "shop",
                    "v1.31.2-eks-1",
                    ("monitoring.coreos.com/v1",),
                ),
                ChartRender(
                    "charts/app",
                    ("one.yaml", "two.yaml"),
                    (r"image.tag=a\,\{b\}\\", "replicas=2", "ratio=0.5", "debug=false", "empty="),
                    "shop",
                    "shop",
                    "v1.31.2-eks-1",
                    ("monitoring.coreos.com/v1",),
                ),
            ),
            cluster=Cluster(
                (
                    NodePool("default", 1, "t3.small", prefix_delegation=True),
                    NodePool(
                        "batch",
                        3,
                        max_pods=110,
                        labels={"team": "data", "spot": ""},
                        taints=(
                            {"key": "spot", "effect": "NoSchedule"},
                            {"key": "team", "value": "data", "effect": "NoExecute"},
                        ),
                        allocatable={"cpu": "2", "memory": "3.5Gi", "ephemeral-storage": "1000000000.0"},
                    ),
                ),
                (OtherPods("aws-node", per_node=True), OtherPods("coredns", 2), OtherPods("metrics-server")),
            ),
            suppressions=(
                ConfiguredSuppression("ROL001", "", "", "resized in the same change", None, 45),
                ConfiguredSuppression(
                    "unpinned-image", "examples/**", "Pod/demo", "shows what not to do", date(2030, 12, 31), 46
                ),
            ),
            baseline="baseline.json",
        )

    def test_the_root_may_be_another_folder(self, tmp_path: Path) -> None:
        (tmp_path / "policylint.yaml").write_text("fail-on: info\n")
        assert load_config(tmp_path / "policylint.yaml", tmp_path / "deploy").root == str(tmp_path / "deploy")

    def test_bom_and_crlf(self, tmp_path: Path) -> None:
        assert loaded(tmp_path, "\ufefffail-on: info\r\nignore: [A]\r\n").ignore == ("A",)
        assert refused(tmp_path, "\ufeffx: 1\r\n").startswith("1:1: unknown key 'x'")
        assert refused(tmp_path, "ignore: []\r\nprofil: a\r\n") == "2:1: unknown key 'profil'; did you mean 'profile'?"

    def test_reading_yaml_imports_nothing_heavy(self, tmp_path: Path) -> None:
        (tmp_path / "policylint.yaml").write_text("charts: [{path: a}]\nseverity: {KYV001: info}\n")
        script = (
            "import sys; from pathlib import Path; from policylint.config_file import find_config, load_config;"
            f"load_config(find_config(Path({str(tmp_path)!r})));"
            "print([name for name in ('jsonschema', 'dataclasses', 'inspect', 'difflib', 'tomllib', 'pathspec',"
            " 'ruamel', 'rich', 'logging', 'subprocess') if name in sys.modules])"
        )
        run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert run.stdout == "[]\n"

    def test_settings_can_be_found_again(self, tmp_path: Path) -> None:
        config = loaded(tmp_path, "select:\n- KYV\n- IMG\n")
        place = locate_setting(config, YamlPath.of("select", 1))
        assert place is not None
        assert (place.line, place.column) == (3, 3)
        assert locate_setting(Config(), ROOT) is None


class TestErrors:
    @pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
    def test_message_and_place(self, tmp_path: Path, bad: Bad) -> None:
        assert refused(tmp_path, bad.text) == bad.message

    def test_not_utf_8(self, tmp_path: Path) -> None:
        assert refused(tmp_path, b"ignore: []\nselect: [\xff]\n") == "2:10: the configuration is not UTF-8: byte 0xFF"

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="1:1: cannot read the configuration: No such file or directory"):
            load_config(tmp_path / "policylint.yaml")

    def test_deep_nesting(self, tmp_path: Path) -> None:
        text = "a: " + "[" * 10_000 + "]" * 10_000
        assert refused(tmp_path, text) == "1:303: this is not YAML: collections nest deeper than 300 levels"

    @pytest.mark.parametrize("text", [bad.text for bad in BAD])
    def test_a_bad_configuration_has_one_line_of_message(self, tmp_path: Path, text: str) -> None:
        assert "\n" not in refused(tmp_path, text)


TOML = """\
[project]
name = "a"
select = ["not", "ours"]

[tool.policylint]
fail-on = "info"
per-file-ignores."a b/**" = ["IMG"]

[tool.policylint.severity]
KYV001 = "info"

[[tool.policylint.charts]]
path = "one"

[[tool.policylint.charts]]
path = "two"
set = { "image.tag" = "1" }

[[tool.policylint.suppressions]]
rule = "ROL001"
reason = "known"
until = 2030-12-31
"""


class TestToml:
    def test_the_same_values(self, tmp_path: Path) -> None:
        config = loaded(tmp_path, TOML, "pyproject.toml")
        assert config == Config(
            root=str(tmp_path),
            file=(tmp_path / "pyproject.toml").as_posix(),
            fail_on="info",
            per_file_ignores={"a b/**": ("IMG",)},
            severity={"KYV001": "info"},
            charts=(ChartRender("one"), ChartRender("two", set=("image.tag=1",))),
            suppressions=(ConfiguredSuppression("ROL001", "", "", "known", date(2030, 12, 31), 19),),
        )

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ('fail-on = "info"', 'fail-onn = "info"', "6:1: unknown key 'fail-onn'; did you mean 'fail-on'?"),
            ('fail-on = "info"', "fail-on = 1", "6:1: fail-on takes one of error, warning, info, but is the number 1"),
            ('["IMG"]', "[1]", '7:1: per-file-ignores["a b/**"][0] takes a string in quotes, but is the number 1'),
            ('KYV001 = "info"', 'KYV001 = "of"', "10:1: severity.KYV001 takes one of error, warning, info, but is 'of'"),
            ('path = "one"', "  path = 1", "13:3: charts[0].path takes a string in quotes, but is the number 1"),
            ('path = "two"', 'pat = "two"', "16:1: unknown key 'pat' in charts[1]; did you mean 'path'?"),
            ('path = "two"\n', "", "15:3: charts[1] lacks the key 'path'"),
            ('"image.tag" = "1"', '"image.tag" = []', '17:1: charts[1].set["image.tag"] takes a string, a number or a boolean'
             " (nested keys are written with dots), but is a list"),
            ("2030-12-31", "2030-12-31T00:00:00", "22:1: suppressions[0].until takes a date as YYYY-MM-DD,"
             " but is the datetime 2030-12-31 00:00:00"),
            ('rule = "ROL001"', "policies = []", "20:1: unknown key 'policies' in suppressions[0]; known are rule, path,"
             " resource, reason, until"),
            ('"info"\nper', '"info"\npolicies = []\nper', "7:1: unsupported key 'policies': evaluating policies as rules is"
             " not supported yet; remove the key"),
            ('fail-on = "info"', 'fail-on = "info"\nfail-on = "error"', "7:18: this is not TOML: cannot overwrite a value"),
            ('path = "one"', 'path = one', "13:8: this is not TOML: invalid value"),
            ("[tool.policylint]", "[tool.other]", None),
        ],
    )  # fmt: skip
    def test_messages_and_places(self, tmp_path: Path, old: str, new: str, message: str | None) -> None:
        assert TOML.count(old) == 1
        text = TOML.replace(old, new)
        if message is None:
            assert loaded(tmp_path, text, "pyproject.toml").fail_on == "error"
        else:
            assert refused(tmp_path, text, "pyproject.toml") == message

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("[project]\n", "1:1: there is no table [tool.policylint] here"),
            ("[tool]\npolicylint = 5\n", "2:1: the configuration takes a mapping, but is the number 5"),
            ("tool.policylint.x = 1\n", "1:1: unknown key 'x'; known are "),
            (
                "[tool.policylint]\na = " + "[" * 5000 + "]" * 5000,
                "1:1: this is not readable TOML: values nest too deep",
            ),
        ],
    )
    def test_odd_tables(self, tmp_path: Path, text: str, message: str) -> None:
        assert refused(tmp_path, text, "pyproject.toml").startswith(message)

    @given(st.text(alphabet="ab.=[]\"'\\# \n{}", max_size=40))
    @settings(deadline=None)
    def test_any_text_is_read_or_refused(self, tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
        file = tmp_path_factory.getbasetemp() / "pyproject.toml"
        file.write_text(f"[tool.policylint]\n{text}", encoding="utf-8", newline="")
        try:
            config = load_config(file)
        except ConfigError as error:
            assert error.location is not None
        else:
            assert config == Config(root=config.root, file=config.file)


VALUES = st.sampled_from(
    [
        None,
        True,
        0,
        1,
        2.0,
        2.5,
        -1,
        "",
        " ",
        "a",
        "error",
        "node",
        "1.31",
        "a=b",
        "NoSchedule",
        "2030-12-31",
        [],
        ["a"],
        [1],
        {},
    ]
    + [{"a": "b"}, {"name": "a"}, {"path": "a"}, [{"path": "a"}], [[]], {"": "a"}]
)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for step, value in below for place in places(value, (*path, step)))]


def changed(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    result = copy.copy(data)
    result[path[0]] = changed(data[path[0]], path[1:], value)
    return result


class TestAgreementWithTheSchema:
    def test_the_schema_is_one(self) -> None:
        Draft202012Validator.check_schema(SCHEMA)

    @pytest.mark.parametrize("good", GOOD, ids=lambda good: good.name)
    def test_good(self, good: Good) -> None:
        data = plain(good.text)
        assert [error.message for error in VALIDATOR.iter_errors(data)] == []
        assert converts(data)

    @pytest.mark.parametrize("bad", [bad for bad in BAD if bad.schema], ids=lambda bad: bad.name)
    def test_bad(self, bad: Bad) -> None:
        assert not VALIDATOR.is_valid(plain(bad.text))

    def test_toml(self) -> None:
        data = json.loads(json.dumps(tomllib.loads(TOML)["tool"]["policylint"], default=str))
        assert [error.message for error in VALIDATOR.iter_errors(data)] == []

    @pytest.mark.parametrize("key", sorted(SCHEMA["properties"]))
    def test_every_key_has_a_description(self, key: str) -> None:
        entry = SCHEMA["properties"][key]
        assert (entry.get("description") or SCHEMA["$defs"][key]["description"]).endswith(".")

    @given(st.data())
    @settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
    def test_changed_configurations(self, data: st.DataObject) -> None:
        config = plain(data.draw(st.sampled_from(GOOD)).text)
        for _ in range(data.draw(st.integers(1, 2))):
            config = changed(config, data.draw(st.sampled_from(places(config))), data.draw(VALUES))
        assert converts(config) == VALIDATOR.is_valid(config)

    @given(st.dictionaries(st.sampled_from(sorted(SCHEMA["properties"])), VALUES, max_size=3))
    @example({"policies": []})
    @settings(deadline=None)
    def test_arbitrary_configurations(self, config: dict[str, Any]) -> None:
        assert converts(config) == VALIDATOR.is_valid(config)


BLOCKS = re.findall(r"^```(yaml|toml)\n(.*?)^```", DOCS.read_text("utf-8"), re.MULTILINE | re.DOTALL)


class TestDocumentation:
    @pytest.mark.parametrize(("language", "text"), BLOCKS)
    def test_every_block_loads(self, tmp_path: Path, language: str, text: str) -> None:
        name = "policylint.yaml" if language == "yaml" else "pyproject.toml"
        config = loaded(tmp_path, text, name)
        assert config != Config(root=config.root, file=config.file)

    def test_every_key_has_an_example(self) -> None:
        shown = {key for language, text in BLOCKS if language == "yaml" for key in plain(text)}
        assert shown == set(SCHEMA["properties"]) - {"policies"}
