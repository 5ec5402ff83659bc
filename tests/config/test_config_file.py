"""The configuration file: where it is found, what it means, and what is said about one that is wrong."""

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from config_cases import BAD, GOOD, Bad, loaded, refused
from hypothesis import given, settings
from hypothesis import strategies as st

from policylint.config import ChartRender, Cluster, Config, ConfiguredSuppression, NodePool, OtherPods
from policylint.config.file import default_config, find_config, load_config, locate_setting
from policylint.errors import ConfigError
from policylint.model import ROOT, YamlPath


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
            crds=("vendor/crds", "app/crd.yaml"),
            rules={"IMG001": {"moving-tags": ["latest"], "depth": 2, "on": None}, "KYV001": {}},
            policies=("policies/require-team.yaml", "policies/best-practices"),
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
                    NodePool("elsewhere", 2, "Standard_D4s_v5", provider="aks-azure-cni"),
                    NodePool("large", 2, "m5.4xlarge", max_pods_policy="recommended", custom_networking=True),
                ),
                (
                    OtherPods("aws-node", per_node=True),
                    OtherPods("coredns", 2),
                    OtherPods("metrics-server"),
                    OtherPods(
                        "cart",
                        3,
                        owner="Deployment/shop/cart",
                        pool="batch",
                        requests={"cpu": "100m", "nvidia.com/gpu": "1"},
                    ),
                    OtherPods("agent", per_node=True, pool="default", requests={}),
                ),
                (
                    {
                        "apiVersion": "v1",
                        "kind": "ResourceQuota",
                        "metadata": {"name": "q", "namespace": "shop"},
                        "spec": {"hard": {"pods": "5"}, "scopes": ["NotTerminating"]},
                        "status": {"used": {"pods": "2"}},
                    },
                    {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}},
                ),
                ("other workloads",),
            ),
            suppressions=(
                ConfiguredSuppression("ROL001", "", "", "resized in the same change", None, 53),
                ConfiguredSuppression(
                    "unpinned-image", "examples/**", "Pod/demo", "shows what not to do", date(2030, 12, 31), 54
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
            "import sys; from pathlib import Path; from policylint.config.file import find_config, load_config;"
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

    @given(st.binary(max_size=60) | st.text(alphabet="ab:-?&*<>[]{}|\n #~'\"", max_size=60).map(str.encode))
    @settings(deadline=None)
    def test_any_bytes_are_read_or_refused_with_a_place(
        self, tmp_path_factory: pytest.TempPathFactory, raw: bytes
    ) -> None:
        file = tmp_path_factory.mktemp("any") / "policylint.yaml"
        file.write_bytes(raw)
        try:
            outcome: Config | str = load_config(file)
        except ConfigError as error:
            outcome = str(error)
        if isinstance(outcome, Config):
            assert outcome == Config(root=outcome.root, file=outcome.file)
        else:
            assert outcome.startswith(f"{file.as_posix()}:")

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="1:1: cannot read the configuration: No such file or directory"):
            load_config(tmp_path / "policylint.yaml")

    def test_deep_nesting(self, tmp_path: Path) -> None:
        text = "a: " + "[" * 10_000 + "]" * 10_000
        assert refused(tmp_path, text) == "1:303: this is not YAML: collections nest deeper than 300 levels"

    @pytest.mark.parametrize("text", [bad.text for bad in BAD])
    def test_a_bad_configuration_has_one_line_of_message(self, tmp_path: Path, text: str) -> None:
        assert "\n" not in refused(tmp_path, text)
