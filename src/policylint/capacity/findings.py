"""Assessments as what rules report: where to point, what to say, what to do and how to mend it."""

from collections.abc import Iterator
from typing import NamedTuple

from policylint.capacity.assess import assess_once
from policylint.capacity.assessment import Assessment, RankedFix, Shortage, Verdict, WorkloadRollout
from policylint.capacity.demand import HOOK
from policylint.capacity.fixes import NODE_COST
from policylint.capacity.ledger import PODS
from policylint.capacity.scaling import Scaler, Target, scalers_of
from policylint.config import Cluster
from policylint.document.document import Document
from policylint.model import Fix, Problem, YamlPath
from policylint.views.release import Release
from policylint.views.workload import Workload

NODES = "nodes"
VOLUME = "volume"
QUOTA = "quota "
_NO_CLUSTER = Cluster(())


class Short(NamedTuple):
    """A workload, and one of the shortages that decide about its rollout."""

    rollout: WorkloadRollout
    shortage: Shortage
    assessment: Assessment

    @property
    def on_nodes(self) -> bool:
        """Whether slots or a resource of the nodes are short."""
        name = self.shortage.dimension
        return name not in (NODES, VOLUME) and not name.startswith(QUOTA)


def assessed(release: Release, cluster: Cluster | None, *, needs: str = "") -> Assessment | None:
    """The release's assessment; None without workloads, or when there is no declared cluster.

    With `needs`, a kind of object whose limits do not depend on nodes, it is made without a cluster as well, but only
    for releases that have such an object, or go to a cluster that has one.
    """
    if needs and needs not in kinds_around(release, cluster):
        return None
    if (cluster is None and not needs) or not any(
        True for document in release.documents for _ in Workload.of(document)
    ):
        return None
    return assess_once(release, cluster or _NO_CLUSTER)


def kinds_around(release: Release, cluster: Cluster | None) -> set[str]:
    """The kinds of objects that a release has, and those that are known to be in its cluster."""
    present = cluster.present if cluster is not None else ()
    return {document.kind for document in release.documents} | {str(item["kind"]) for item in present}


def shortages(release: Release, cluster: Cluster | None, *verdicts: Verdict, needs: str = "") -> Iterator[Short]:
    """Every shortage of these verdicts in the release; see `assessed`."""
    assessment = assessed(release, cluster, needs=needs)
    for rollout in assessment.workloads if assessment is not None else ():
        for shortage in rollout.shortages:
            if assessment is not None and shortage.verdict in verdicts:
                yield Short(rollout, shortage, assessment)


def strategy_problem(short: Short, what: str, path: YamlPath | None = None) -> tuple[Document, Problem]:
    """A problem at the workload's strategy (or at `path`): `what`, the sum, and this shortage's fixes."""
    rollout, shortage = short.rollout, short.shortage
    facts = shortage.text
    if short.assessment.uncounted and short.on_nodes:
        facts += f"; not counted: {', '.join(short.assessment.uncounted)}"
    where = path or YamlPath.of("spec", "strategy" if rollout.kind == "Deployment" else "updateStrategy")
    fixes = rollout.fixes if shortage is rollout.limit else ()
    return rollout.document, Problem(where, f"{what} ({facts})", advice(fixes), fix=first_fix(fixes), at="key")


def advice(fixes: tuple[RankedFix, ...]) -> str:
    """The fixes as one sentence, the cheapest first, each with its price unless that goes without saying."""
    parts = [fix.title if fix.price == NODE_COST else f"{fix.title}: {fix.price}" for fix in fixes]
    return "; or ".join(parts)


def first_fix(fixes: tuple[RankedFix, ...]) -> Fix | None:
    """The cheapest change to the manifest. It is never safe: it changes how many pods serve."""
    fix = next((fix for fix in fixes if fix.changes), None)
    return None if fix is None else Fix(f"{fix.title[0].upper()}{fix.title[1:]}", fix.changes)


def starts(short: Short) -> str:
    """What the rolling update does that it cannot do, as the start of a message."""
    shortage = short.shortage
    if shortage.unit != PODS:
        need = f"its new pod brings {shortage.unit} to {shortage.needed} of {shortage.capacity}"
    else:
        need = f"it starts pod {shortage.needed} of {shortage.capacity}"
    return f"the rolling update cannot finish: {need} before an old one may stop"


def excludes(short: Short) -> str:
    """What makes the workload's pods exclude each other: `port` or `affinity`, empty for other shortages."""
    if short.shortage.dimension != NODES:
        return ""
    return "port" if "binds port" in short.shortage.text else "affinity"


def hook_path() -> YamlPath:
    """Where a Helm hook says that it is one."""
    return YamlPath.of("metadata", "annotations", HOOK)


class Scaled(NamedTuple):
    """An autoscaled workload whose range does not hold: the fewest replicas that do not fit, and the fewest at which a
    rolling update cannot finish; None where there are none."""

    scaler: Scaler
    target: str
    least: int
    most: int
    overflow: int | None
    stuck: int | None


def scaled(release: Release, assessment: Assessment) -> Iterator[Scaled]:
    """The autoscaled workloads of a release that fit at their fewest replicas, and not at all others."""
    scalers = {scaler.target: scaler for scaler in scalers_of(release.documents)}
    for rollout in assessment.workloads:
        scaler = scalers.get(Target.of(rollout.document))
        if scaler is not None and rollout.verdict != "overflow":
            first = {entry.verdict: entry.replicas for entry in reversed(rollout.at)}
            stuck = first.get("deadlock") if rollout.verdict != "deadlock" else None
            case = Scaled(scaler, str(rollout.resource), *scaler.replicas, first.get("overflow"), stuck)
            if case.overflow is not None or case.stuck is not None:
                yield case
