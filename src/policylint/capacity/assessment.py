"""What `policylint.capacity.assess` finds out: a release's rollout on a cluster, as values to show or to gate on."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from policylint.document.document import Document
from policylint.model import RemoveKey, ResourceId, SetValue, YamlPath

Verdict = Literal["completes", "deadlock", "overflow", "race", "likely", "unknown"]
Dimension = str
"""What runs short: `pods`, a resource such as `cpu` or `nvidia.com/gpu`, `nodes` (pods that exclude each other from a
node or zone), `volume`, or `quota NAME`."""

WORST_FIRST: tuple[Verdict, ...] = ("overflow", "deadlock", "race", "likely", "unknown", "completes")
CERTAIN: frozenset[Verdict] = frozenset({"completes", "deadlock", "overflow"})


def worst_of(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of `verdicts`; `completes` when there are none."""
    found = set(verdicts)
    return next((verdict for verdict in WORST_FIRST if verdict in found), "completes")


class Share(NamedTuple):
    """Pods of one owner in a sum. `most` differs from `pods` under an autoscaler; `per_node` counts each node's."""

    name: str
    pods: int
    most: int
    per_node: bool = False


class PoolUse(NamedTuple):
    """A table row of slots: what a node takes and why, and what runs there besides and within the release.

    `slots` are what all nodes take besides the `system` pods (of each node, DaemonSets of the release included);
    `others` may be in any pool and are listed with each that could hold them, as are `steady` workloads that may run
    in several pools. `free` is what is left when everything runs, at the autoscalers' fewest; it is None when pods of
    this pool may also be elsewhere. It is negative when they do not fit.
    """

    name: str
    nodes: int
    cap: int
    cap_text: str
    system: tuple[Share, ...]
    others: tuple[Share, ...]
    steady: tuple[Share, ...]
    slots: int
    free: int | None


class Step(NamedTuple):
    """A moment of a rollout: what happens, the workload's pods that serve then, and the slots wanted then.

    `wanted` counts everything in the workload's pools, pods that wait for a slot included; pods that are stopping are
    not counted, as they give their slot back within their grace period.
    """

    text: str
    serving: int
    wanted: int
    stuck: bool = False


class Shortage(NamedTuple):
    """One dimension's verdict. `text` is the sum that proves it, or the reason why it is not known.

    `needed` of `capacity`, in `unit` (`pods`, or a resource); both are empty where there is no sum.
    """

    dimension: Dimension
    verdict: Verdict
    text: str
    needed: str = ""
    capacity: str = ""
    unit: str = "pods"


class RankedFix(NamedTuple):
    """A change that lets the rollout finish, cheapest first, and its price. `changes` are what to set in the manifest;
    there are none when the change is to the cluster or to other objects. `in_chart` says how to make them in the chart
    that the manifest is of, as far as that was asked."""

    title: str
    price: str
    changes: tuple[SetValue | RemoveKey, ...] = ()
    in_chart: str = ""


class AtReplicas(NamedTuple):
    """The verdict for one number of replicas that an autoscaler may choose."""

    replicas: int
    verdict: Verdict


class WorkloadRollout(NamedTuple):
    """One workload's rollout.

    `rolls` is false for what keeps its pods (paused, OnDelete, unchanged, no replicas); its verdict then says whether
    they fit. `surge` and `unavailable` are pods, at the fewest replicas (`least`); `surge_text` and `unavailable_text`
    show the rounding (`25% of 1 → 1`). `verdict` is that at the fewest replicas; `at` has the others.
    `peak` of `capacity` are pods in `pools`, those that it may use. `limit` is the shortage that decides the verdict,
    None when the rollout completes; `shortages` has one entry for each dimension that was judged, and for each that
    could not be. `at` is given for autoscaled workloads, one entry for each number of replicas at which the verdict
    changes, in ascending order.
    """

    document: Document
    resource: ResourceId | None
    kind: str
    rolls: bool
    strategy: str
    least: int
    most: int
    surge: int
    unavailable: int
    surge_text: str
    unavailable_text: str
    pools: tuple[str, ...]
    peak: int
    capacity: int
    verdict: Verdict
    limit: Shortage | None
    shortages: tuple[Shortage, ...]
    steps: tuple[Step, ...]
    downtime: str
    fixes: tuple[RankedFix, ...]
    at: tuple[AtReplicas, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether the verdict holds for every course of events."""
        return self.verdict in CERTAIN

    @property
    def worst(self) -> Verdict:
        """The worst verdict of all numbers of replicas."""
        return worst_of({self.verdict, *(entry.verdict for entry in self.at)})


class HookNeed(NamedTuple):
    """A Helm hook whose pod needs room. `phases` are those of its annotation; a deadlock is a pod that never starts."""

    document: Document
    resource: ResourceId | None
    phases: tuple[str, ...]
    shortage: Shortage


class JobNeed(NamedTuple):
    """A Job, CronJob or pod that ends, and what one pod of it meets beside the release; a deadlock never starts.

    `at_once` is how many of its pods may run at once, None when nothing bounds them (a CronJob that allows overlaps).
    """

    document: Document
    resource: ResourceId | None
    at_once: int | None
    shortage: Shortage


class QuotaNeed(NamedTuple):
    """A ResourceQuota that the release's objects (not its pods) exceed; `path` is the limit."""

    document: Document
    path: YamlPath
    shortage: Shortage


class Assessment(NamedTuple):
    """A release on a cluster. `uncounted` are workloads whose pods come and go, and are in no sum; `unjudged` says
    which dimensions lack data, and which data that would be."""

    label: str
    pools: tuple[PoolUse, ...]
    workloads: tuple[WorkloadRollout, ...]
    hooks: tuple[HookNeed, ...] = ()
    quotas: tuple[QuotaNeed, ...] = ()
    uncounted: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    jobs: tuple[JobNeed, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all, at the autoscalers' fewest replicas."""
        found = {rollout.verdict for rollout in self.workloads} | {hook.shortage.verdict for hook in self.hooks}
        return worst_of(found | {quota.shortage.verdict for quota in self.quotas})
