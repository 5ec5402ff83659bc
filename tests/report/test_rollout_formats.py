"""Reports on rollouts, against golden/. `POLICYLINT_UPDATE_GOLDEN=1 pytest tests/report` writes them anew."""

import json
import os
import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Write
from policylint import __version__
from policylint.capacity.assessment import AtReplicas, Share, Step, Verdict, WorkloadRollout
from policylint.cli import main
from policylint.document.document import Document
from policylint.document.source import Source
from policylint.errors import UsageError
from policylint.lint.rollout_report import Rollouts
from policylint.report.options import RenderOptions
from policylint.report.rollout_drawing import drawing
from policylint.report.rollout_words import ranges, share
from policylint.report.rollouts import render_rollouts
from policylint.sources.documents import load_documents

GOLDEN = Path(__file__).parent / "golden"
CONFIGURATION = """\
cluster:
  node-pools:
  - name: web
    count: 2
    max-pods: 10
    labels: {tier: web}
  - name: gpu
    count: 1
    max-pods: 8
    labels: {tier: gpu}
    taints: [{key: gpu, effect: NoSchedule}]
    allocatable: {nvidia.com/gpu: "1"}
  other-pods:
  - {name: "<b>agent</b>", per: node}
"""
OLD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 14
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, helm.sh/chart: "shop-1.2.0<i>"}}
    spec: {nodeSelector: {tier: web}, containers: [{name: web, image: "web:1"}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: trainer, namespace: shop}
spec:
  selector: {matchLabels: {app: trainer}}
  template:
    metadata: {labels: {app: trainer}}
    spec:
      nodeSelector: {tier: gpu}
      tolerations: [{key: gpu, operator: Exists}]
      containers: [{name: t, image: "t:1", resources: {limits: {nvidia.com/gpu: 1}}}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db
  replicas: 3
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {nodeSelector: {tier: web}, containers: [{name: db, image: "db:1"}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: gone, namespace: shop}
spec:
  selector: {matchLabels: {app: gone}}
  template:
    metadata: {labels: {app: gone}}
    spec: {containers: [{name: gone, image: "gone:1"}]}
---
"""
MORE = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}, minReplicas: 1, maxReplicas: 6}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  strategy: {type: Recreate}
  template:
    metadata: {labels: {app: api}}
    spec: {nodeSelector: {tier: web}, containers: [{name: api, image: "api:1"}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, namespace: shop, annotations: {helm.sh/hook: "pre-upgrade,post-upgrade"}}
spec:
  template:
    spec:
      restartPolicy: Never
      nodeSelector: {tier: gpu}
      tolerations: [{operator: Exists}]
      containers: [{name: m, image: "m:1", resources: {limits: {nvidia.com/gpu: 1}}}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop}
spec:
  schedule: "0 0 * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: "c:1"}]}}}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: few, namespace: shop}
spec: {hard: {count/deployments.apps: "2"}}
"""


@pytest.fixture
def project(write: Write, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with something of every sort, of which an older state is in `old`."""
    monkeypatch.setenv("COLUMNS", "100")
    new = OLD.partition("apiVersion: apps/v1\nkind: DaemonSet")[0] + MORE
    new = new.replace("shop-1.2.0<i>", "shop-1.3.0<i>").replace('"t:1"', '"t:2"')
    return write(
        {
            "policylint.yaml": CONFIGURATION,
            "old/all.yaml": OLD,
            "new/all.yaml": new,
            "new/bad.yaml": "a: [\n",
            "new/<notes>.md": "",
        }
    )


def rendered(capsys: pytest.CaptureFixture[str], name: str, *more: str) -> str:
    assert main(["rollout", "new", "--before", "old", "--output-format", name, *more]) == 1
    return capsys.readouterr().out.replace(__version__, "VERSION")


@pytest.mark.parametrize("name", ["text", "json", "html"])
def test_golden(project: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert project == Path.cwd()
    golden = GOLDEN / f"rollout-{name}.full.out"
    got = rendered(capsys, name)
    if os.environ.get("POLICYLINT_UPDATE_GOLDEN"):
        golden.write_text(got, "utf-8", newline="\n")
    assert got == golden.read_text("utf-8")


def test_the_json_is_ascii_and_has_every_key(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert project == Path.cwd()
    text = rendered(capsys, "json")
    assert text.isascii()
    data = json.loads(text)
    assert list(data) == [
        "schema_version",
        "tool",
        "summary",
        "before",
        "releases",
        "unparsed",
        "not_judged",
        "notes",
    ]
    assert data["summary"] == {
        "releases": 1,
        "workloads": 4,
        "hooks": 1,
        "verdicts": {"overflow": 0, "deadlock": 1, "race": 0, "likely": 1, "unknown": 0, "completes": 2},
        "unparsed": 1,
    }
    documented = (Path(__file__).parents[2] / "docs" / "rollouts.md").read_text("utf-8")
    [release] = data["releases"]
    keys = {*data, *release, *release["workloads"][0], *release["hooks"][0], *release["pools"][0]}
    assert [key for key in sorted(keys - {"schema_version", "tool"}) if f"`{key}`" not in documented] == []


class _Page(HTMLParser):
    """What a page consists of; tags that are closed wrongly are an error."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        self.ids += [str(given["id"])] if "id" in given else []
        self.links |= {str(given[name]) for name in ("href", "src") if name in given}
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page_of(text: str) -> _Page:
    page = _Page()
    page.feed(text)
    page.close()
    return page


def test_the_page_is_whole_and_loads_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert project == Path.cwd()
    text = rendered(capsys, "html")
    page = page_of(text)
    assert page.open == []
    assert not page.tags & {"script", "link", "img", "iframe", "object", "b"}
    assert page.links == {"#r0"}
    assert len(page.ids) == len(set(page.ids))
    assert "default-src 'none'" in text
    assert "@import" not in text
    assert "url(http" not in text
    assert any("<b>agent</b> 1" in each for each in page.texts)


def test_the_stuck_step_is_drawn_and_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert project == Path.cwd()
    text = rendered(capsys, "html")
    assert text.count("<svg ") == 2
    assert 'aria-label="slots wanted step by step: 2, 3, 3; there are 8; stuck at step 3"' in text
    assert text.count('class="stuck"/>') == 1
    assert text.count("<tr class=stuck>") == 1


def test_nothing_at_all() -> None:
    for name in ("text", "html"):
        out = StringIO()
        render_rollouts(name, Rollouts(()), out, RenderOptions())
        assert "0 releases, 0 workloads." in out.getvalue()
    with pytest.raises(UsageError, match="unknown output format 'pdf'"):
        render_rollouts("pdf", Rollouts(()), StringIO(), RenderOptions())


def rollout(steps: tuple[Step, ...], least: int, capacity: int, at: tuple[AtReplicas, ...] = ()) -> WorkloadRollout:
    [document] = load_documents(Source("a.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"))
    assert isinstance(document, Document)
    verdict: Verdict = "completes"
    words = ("1", "0", ("default",), max(step.wanted for step in steps), capacity, verdict, None, (), steps, "", ())
    return WorkloadRollout(document, None, "Deployment", True, "RollingUpdate", least, 9, 1, 0, *words, at)


COUNTS = st.integers(0, 12_000)


@given(
    st.lists(st.builds(Step, st.just("s"), COUNTS, COUNTS, st.booleans()), min_size=1, max_size=6),
    COUNTS,
    COUNTS,
)
def test_a_drawing_stays_in_its_frame(steps: list[Step], least: int, capacity: int) -> None:
    text = "".join(drawing(rollout(tuple(steps), least, capacity), "d"))
    assert page_of(text).open == []
    frame = re.search(r'viewBox="0 0 (\d+) (\d+)"', text)
    assert frame is not None
    bars = re.findall(r'<rect x="([\d.]+)" y="([-\d.]+)" width="(\d+)" height="([-\d.]+)"', text)
    for x, y, width, height in bars:
        assert 0 <= float(x) <= float(x) + int(width) <= int(frame[1])
        assert float(height) > 0
        assert 0 <= float(y) <= float(y) + float(height) <= int(frame[2])


def test_ranges_and_shares() -> None:
    at = (AtReplicas(1, "completes"), AtReplicas(2, "race"), AtReplicas(3, "overflow"))
    found = ranges(rollout((Step("s", 1, 1),), 1, 1, at))
    assert found == [("1", "completes"), ("2", "race"), ("3 to 9", "overflow")]
    assert ranges(rollout((Step("s", 1, 1),), 1, 1)) == []
    assert [share(Share("a", 2, 2)), share(Share("a", 2, 5))] == ["a 2", "a 2 to 5"]
