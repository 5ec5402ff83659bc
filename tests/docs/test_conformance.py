"""docs/conformance.py: the page is what the stored figures say, and the figures are what the suites come to."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from policylint.engine.features import FEATURES


@pytest.fixture
def conformance(repository: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_conformance", repository / "docs" / "conformance.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def corpus(*differing: dict[str, Any]) -> dict[str, Any]:
    return {
        "folder": "some",
        "repository": "a/b",
        "commit": "abc1234",
        "classes": {
            "validate-deny": {"agree": 2, "rows": 5, "rows that agree": 5},
            "x|y": {"differ": 1, "not run": 1, "rows": 3, "rows that agree": 1, "rows unsupported": 1},
        },
        "differing": list(differing),
        "not_run": [{"suite": "some/b.yaml", "error": "there is no file 'p.yaml'"}],
    }


DIFFERENCE = {"suite": "some/a.yaml", "rows": [3, 9]}


def test_the_page_is_up_to_date_and_every_difference_explained(
    conformance: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (conformance.main(["--check"]), capsys.readouterr().err) == (0, "")


def test_the_figures_are_what_the_suites_come_to(conformance: ModuleType, corpora: Path) -> None:
    stored = json.loads(conformance.FIGURES.read_text("utf-8"))
    fresh = conformance.measure(corpora / "suites") | conformance.measure_admission(corpora / "admission")
    assert fresh == stored


def test_every_feature_is_on_the_page(conformance: ModuleType) -> None:
    page = conformance.render({"corpora": []}, {})
    for feature in FEATURES:
        assert f"| {'yes' if feature.supported else '**no**'} | {feature.note} |" in page
        assert feature.name in page


def test_figures_and_differences(conformance: ModuleType) -> None:
    explained = {"some/a.yaml": {"because": "it says otherwise.", "source": "pkg/a.go"}}
    page = conformance.render({"corpora": [corpus(DIFFERENCE)]}, explained)
    assert "| validate-deny | 2 | 0 | 0 | 0 | 5 / 5 | 0 |\n" in page
    assert "| x, y | 0 | 1 | 0 | 1 | 1 / 3 | 1 |\n| **all** | 2 | 1 | 0 | 1 | 6 / 8 | 1 |\n" in page
    assert "- `some/a.yaml`, rows at lines 3, 9: it says otherwise. Upstream: pkg/a.go.\n" in page
    assert "- `some/b.yaml`: there is no file 'p.yaml'\n" in page


def test_admission_counts_what_no_live_cluster_decides(conformance: ModuleType) -> None:
    groups = [
        {"name": "unit accept", "agree": 3, "records": 4, "on_cluster": False},
        {"name": "unit reject", "agree": 2, "records": 2, "on_cluster": False},
        {"name": "cluster reject, needs cluster-rbac", "agree": 0, "records": 3, "on_cluster": True},
    ]
    differing = [{"record": "TestIt", "group": "unit accept", "found": "KYV110 no"}]
    figures = {"corpora": [], "admission": {"groups": groups, "differing": differing}}
    page = conformance.render(figures, {"TestIt": {"because": "it is old.", "source": ""}})
    assert "| unit accept | 3 / 4 |\n| unit reject | 2 / 2 |\n| **all** | 5 / 6 |\n" in page
    assert "- cluster reject, needs cluster-rbac: 0 of 3 found\n" in page
    assert "- `TestIt`, unit accept: it is old.\n" in page


def test_refused_policies_of_a_library_have_their_place_and_fix(conformance: ModuleType) -> None:
    refused = {"path": "a/b.yaml", "line": 3, "rule": "KYV110", "message": "this | that", "help": "remove it"}
    page = conformance.render({"corpora": [], "library": {"policies": 7, "judged": 6, "refused": [refused]}}, {})
    assert "as it is shipped: 7 policies,\nof which 6 are" in page
    assert "| `a/b.yaml:3` | [KYV110](rules/KYV110.md) | this \\| that | remove it |\n" in page


def test_a_library_is_judged_without_kustomize(conformance: ModuleType, tmp_path: Path) -> None:
    policy = "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: a}\nspec: {rules: 1}\n"
    (tmp_path / "policy.yaml").write_text(policy)
    (tmp_path / "kustomization.yaml").write_text("resources: [policy.yaml, missing.yaml]\n")
    library = conformance._library(tmp_path)
    assert (library["policies"], library["judged"]) == (1, 1)
    assert [(each["path"], each["line"], each["rule"]) for each in library["refused"]] == [("policy.yaml", 4, "KYV101")]


@pytest.mark.parametrize(("explained", "code"), [({}, 1), ({"some/a.yaml": {"because": "b", "source": ""}}, 0)])
def test_a_difference_without_a_reason_fails(
    conformance: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    explained: dict[str, Any],
    code: int,
) -> None:
    for name, content in (("FIGURES", {"corpora": [corpus(DIFFERENCE)]}), ("DIFFERENCES", explained)):
        monkeypatch.setattr(conformance, name, tmp_path / f"{name}.json")
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    monkeypatch.setattr(conformance, "PAGE", tmp_path / "page.md")
    assert conformance.main([]) == code
    message = "some/a.yaml: differs, and docs/conformance-differences.json does not say why\n"
    assert capsys.readouterr().err == (message if code else "")
    assert conformance.main(["--check"]) == code
    (tmp_path / "page.md").write_text("stale")
    assert conformance.main(["--check"]) == 1
