"""What is certain about rolling updates, and the sums that prove it."""

from typing import Any

import pytest
from made import made, scaler

from policylint.capacity.assess import assess
from policylint.capacity.assessment import Assessment, WorkloadRollout
from policylint.capacity.findings import Short, starts, strategy_problem
from policylint.config import Cluster, NodePool, OtherPods
from policylint.document.document import Document
from policylint.errors import ConfigError
from policylint.views.release import Release

SMALL = Cluster(
    (NodePool("default", 1, "t3.small"),),
    (OtherPods("aws-node", per_node=True), OtherPods("kube-proxy", per_node=True), OtherPods("rest", 8)),
)


def slots(free_for_release: int) -> Cluster:
    """One node that takes this many pods of the release."""
    return Cluster((NodePool("only", 1, max_pods=free_for_release + 2),), (OtherPods("system", 2),))


def judged(cluster: Cluster, *documents: Document) -> Assessment:
    return assess(Release("release", documents), cluster)


def stuck(cluster: Cluster, *documents: Document, verdict: str = "deadlock") -> list[str]:
    return [str(found.resource) for found in judged(cluster, *documents).workloads if found.verdict == verdict]


def only(cluster: Cluster, *documents: Document) -> WorkloadRollout:
    [found] = [found for found in judged(cluster, *documents).workloads if found.verdict == "deadlock"]
    return found


def told(cluster: Cluster, *documents: Document) -> tuple[str, str]:
    """The message and the help about the only deadlock."""
    assessment = judged(cluster, *documents)
    [found] = [found for found in assessment.workloads if found.verdict == "deadlock"]
    assert found.limit is not None
    short = Short(found, found.limit, assessment)
    _, problem = strategy_problem(short, starts(short))
    return problem.message, problem.help


def test_one_replica_on_a_full_node_is_stuck_and_the_sum_is_shown() -> None:
    message, help_ = told(SMALL, made("Deployment"))
    assert message == (
        "the rolling update cannot finish: it starts pod 12 of 11 before an old one may stop (pool default: "
        "1 × t3.small, 11 = 3·(4−1)+2 pods; 10 other pods + 1 of this Deployment = 11; "  # noqa: RUF001
        "maxSurge 25% of 1 → 1, maxUnavailable 25% of 1 → 0; 12 > 11)"
    )
    assert help_ == (
        "set maxSurge: 0 and maxUnavailable: 1: the one pod stops before its successor starts, which is downtime on "
        "every rollout; or keep one pod slot free, with a larger node or one more; or turn on prefix delegation and "
        "replace the nodes of pool default: only new nodes take 110 pods, and each keeps 1465 MiB of memory for its "
        "own agents"
    )


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({}, ["Deployment/web"]),
        ({"strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}}, ["Deployment/web"]),
        ({"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}}, []),
        ({"strategy": {"rollingUpdate": {"maxSurge": "0%"}}}, []),
        ({"strategy": {"type": "Recreate"}}, []),
        ({"strategy": {"rollingUpdate": {"maxSurge": "1"}}}, []),
        ({"replicas": 0}, []),
        ({"replicas": "1"}, []),
        ({"paused": True}, []),
    ],
)
def test_only_a_deployment_that_may_miss_no_pod_is_stuck(spec: dict[str, Any], found: list[str]) -> None:
    assert stuck(SMALL, made("Deployment", **spec)) == found


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet", "ReplicaSet"])
def test_other_kinds_are_never_stuck(kind: str) -> None:
    assert stuck(SMALL, made(kind)) == []


def test_one_free_slot_is_enough() -> None:
    assert stuck(slots(3), made("Deployment", replicas=3)) == ["Deployment/web"]
    assert stuck(slots(4), made("Deployment", replicas=3)) == []
    assert stuck(slots(4), made("Deployment", replicas=4)) == []


def test_deployments_that_wait_for_each_other_are_all_stuck() -> None:
    web, worker = made("Deployment", "web"), made("Deployment", "worker", replicas=2)
    assert stuck(slots(3), web, worker) == ["Deployment/web", "Deployment/worker"]
    assert stuck(slots(4), web, worker) == []


@pytest.mark.parametrize(
    "other",
    [
        made("Deployment", "other", strategy={"type": "Recreate"}),
        made("Deployment", "other", strategy={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}),
        made("Deployment", "other", strategy={"rollingUpdate": {"maxSurge": "x"}}),
        made("StatefulSet", "other"),
        made("DaemonSet", "other"),
        made("Job", "other", "batch/v1"),
        made("CronJob", "other", "batch/v1"),
        made("Pod", "other", "v1", pod={"restartPolicy": "Never"}),
        made("Pod", "other", "v1", notes={"helm.sh/hook": "test"}),
        made("Rollout", "other", "argoproj.io/v1alpha1"),
    ],
    ids=str,
)
def test_what_may_free_a_slot_makes_a_deadlock_uncertain(other: Document) -> None:
    assert stuck(slots(2), made("Deployment"), other) == []


@pytest.mark.parametrize(
    "other",
    [
        made("Pod", "other", "v1"),
        made("ReplicaSet", "other"),
        made("ReplicationController", "other", "v1"),
        made("StatefulSet", "other", updateStrategy={"type": "OnDelete"}),
        made("DaemonSet", "other", updateStrategy={"type": "OnDelete"}),
        made("Deployment", "other", paused=True),
    ],
    ids=str,
)
def test_what_keeps_its_pods_counts(other: Document) -> None:
    message, _ = told(slots(2), made("Deployment"), other)
    assert f"2 other pods + 1 of {other.kind}/other + 1 of this Deployment = 4" in message


def test_pods_that_come_and_go_are_named() -> None:
    message, _ = told(SMALL, made("Deployment"), made("Job", "migrate", "batch/v1"), made("PodTemplate", "t", "v1"))
    assert message.endswith("12 > 11; not counted: Job/migrate)")


def test_a_release_that_does_not_fit_at_all_is_told_so() -> None:
    web, db = made("Deployment", replicas=3), made("StatefulSet", "db", replicas=2)
    assert stuck(slots(2), web, db, verdict="overflow") == ["Deployment/web", "StatefulSet/db"]
    [found, _] = judged(slots(2), web, db).workloads
    assert found.limit is not None
    assert found.limit.text == (
        "pool only: 1 node, 4 pods (max-pods); 2 other pods + 2 of StatefulSet/db + 3 of this Deployment = 7; 7 > 4"
    )
    assert [(fix.title, fix.price) for fix in found.fixes] == [
        ("add a node, take a larger one, or run fewer pods", "what the node costs")
    ]
    [alone] = judged(slots(2), web).workloads
    assert [str(change.path) for fix in alone.fixes for change in fix.changes] == ["spec.replicas"]
    assert alone.fixes[0].title == "run 1 pod fewer (replicas: 2)"


@pytest.mark.parametrize(
    ("free", "objects", "found"),
    [
        (2, [scaler(2, 8)], True),
        (3, [scaler(2, 8)], False),
        (1, [scaler(None, 8)], True),
        # with four pods one may be missing
        (4, [scaler(4, 8)], False),
        # another object, or another namespace, is scaled
        (1, [scaler(4, 8, name="other")], True),
        (1, [scaler(4, 8, kind="ScaledObject", name="other")], True),
        # may be scaled to nothing
        (1, [scaler(None, 8, kind="ScaledObject")], False),
        (1, [scaler(1, 8, kind="ScaledObject")], True),
    ],
)
def test_an_autoscaled_deployment_counts_with_its_fewest_pods(free: int, objects: list[Document], found: bool) -> None:
    assert stuck(slots(free), made("Deployment"), *objects) == (["Deployment/web"] if found else [])


def test_an_autoscaler_leaves_a_deployment_without_pods_alone() -> None:
    assert stuck(slots(0), made("Deployment", replicas=0), scaler(1, 3)) == []


def test_a_companion_that_may_grow_until_it_misses_pods_is_no_sure_companion() -> None:
    worker = made("Deployment", "worker")
    assert stuck(slots(2), made("Deployment", "api"), worker, scaler(1, 3, name="worker")) == [
        "Deployment/api",
        "Deployment/worker",
    ]
    assert stuck(slots(2), made("Deployment", "api"), worker, scaler(1, 4, name="worker")) == ["Deployment/worker"]


def test_the_message_tells_the_range_of_an_autoscaler() -> None:
    text, _ = told(slots(2), made("Deployment"), scaler(2, 8))
    assert "2 of this Deployment at the autoscaler's fewest (it keeps 2 to 8) = 4" in text


TWO_POOLS = Cluster(
    (
        NodePool("plain", 1, max_pods=4, labels={"tier": "plain"}),
        NodePool("gpu", 1, max_pods=10, labels={"tier": "gpu"}, taints=({"key": "gpu", "effect": "NoSchedule"},)),
    ),
    (OtherPods("cni", per_node=True), OtherPods("proxy", 2, per_node=True), OtherPods("dns", 2)),
)
TOLERANT = {"tolerations": [{"operator": "Exists"}]}


@pytest.mark.parametrize(
    ("pod", "found"),
    [
        ({}, True),
        (TOLERANT, False),
        ({**TOLERANT, "nodeSelector": {"tier": "plain"}}, True),
        ({**TOLERANT, "nodeSelector": {"tier": "gpu"}}, False),
        ({**TOLERANT, "nodeSelector": {"rack": "1"}}, False),
        ({"nodeSelector": {"tier": "nowhere"}}, False),
    ],
)
def test_only_pools_that_a_pod_may_use_count(pod: dict[str, Any], found: bool) -> None:
    assert stuck(TWO_POOLS, made("Deployment", pod=pod)) == (["Deployment/web"] if found else [])


def test_other_pods_that_fit_elsewhere_are_not_held_against_a_pool() -> None:
    found = only(TWO_POOLS, made("Deployment"))
    assert (found.peak, found.capacity) == (5, 4)
    crowded = TWO_POOLS._replace(other_pods=(*TWO_POOLS.other_pods, OtherPods("many", 6)))
    assert stuck(crowded, made("Deployment"), verdict="overflow") == ["Deployment/web"]


def test_pools_that_are_full_together() -> None:
    pools = (NodePool("a", 2, "t3.small"), NodePool("b", 1, max_pods=5))
    message, _ = told(Cluster(pools, (OtherPods("rest", 26),)), made("Deployment"))
    assert message.startswith(
        "the rolling update cannot finish: it starts pod 28 of 27 before an old one may stop (pool a: "
        "2 × t3.small, 11 = 3·(4−1)+2 pods each, 22 in all and pool b: 1 node, 5 pods (max-pods): 27 pods; "  # noqa: RUF001
    )
    assert stuck(Cluster(pools, (OtherPods("rest", 25),)), made("Deployment")) == []


def test_an_instance_type_is_a_label_too() -> None:
    pod = {"nodeSelector": {"node.kubernetes.io/instance-type": "t3.small"}}
    pools = (*SMALL.node_pools, NodePool("large", 1, "t3.large"))
    assert stuck(SMALL._replace(node_pools=pools), made("Deployment")) == []
    other_pods = (OtherPods("agents", 10, per_node=True),)
    assert stuck(Cluster(pools, other_pods), made("Deployment", pod=pod)) == ["Deployment/web"]


def test_many_companions_are_summed_up() -> None:
    others = [made("Pod", name, "v1") for name in "abcde"]
    text, _ = told(slots(6), made("Deployment"), *others)
    assert "1 of Pod/a + 1 of Pod/b + 1 of Pod/c + 2 of 2 more + 1 of this Deployment = 8" in text


def test_a_pool_without_a_known_limit_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match=r"^cluster\.node-pools, pool x: give an instance-type or max-pods$"):
        stuck(Cluster((NodePool("x", 1),)), made("Deployment"))
    with pytest.raises(ConfigError, match=r"pool x: 't3\.tiny' is not an EC2 instance type"):
        stuck(Cluster((NodePool("x", 1, "t3.tiny"),)), made("Deployment"))
