"""Verdicts beyond pod slots: resources, quotas, exclusion, volumes, hooks, ranges, and what is not known."""

from typing import Any

import pytest
from made import Made, made, plain, scaler

from policylint.capacity.assess import assess
from policylint.capacity.assessment import Assessment, WorkloadRollout
from policylint.config import Cluster, NodePool, OtherPods
from policylint.document.document import Document
from policylint.errors import ConfigError
from policylint.views.release import Release


def judged(cluster: Cluster, *documents: Document, present: tuple[Document, ...] = (), **given: Any) -> Assessment:
    return assess(Release("release", documents), cluster, present=present, **given)


def verdicts(cluster: Cluster, *documents: Document, present: tuple[Document, ...] = ()) -> list[str]:
    return [found.verdict for found in judged(cluster, *documents, present=present).workloads]


def one(cluster: Cluster, *documents: Document, present: tuple[Document, ...] = ()) -> WorkloadRollout:
    [found] = judged(cluster, *documents, present=present).workloads
    return found


def asking(**requests: Any) -> dict[str, Any]:
    named = {key.replace("gpu", "nvidia.com/gpu"): value for key, value in requests.items()}
    return {"containers": [{"name": "c", "resources": {"requests": named}}]}


def nodes(count: int, max_pods: int = 110, **allocatable: str) -> Cluster:
    return Cluster((NodePool("only", count, max_pods=max_pods, allocatable=allocatable),))


IN_PLACE = {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}


@pytest.mark.parametrize(
    ("cluster", "replicas", "pod", "verdict"),
    [
        (nodes(1, cpu="2"), 2, asking(cpu=1), "deadlock"),
        (nodes(1, cpu="3"), 2, asking(cpu=1), "completes"),
        (nodes(1, cpu="2999m"), 2, asking(cpu=1), "deadlock"),
        (nodes(1, cpu="1"), 2, asking(cpu=1), "overflow"),
        # a pod is on one node: 600m twice does not fit on a node of 1
        (nodes(2, cpu="1"), 2, asking(cpu="600m"), "deadlock"),
        (nodes(2, cpu="1"), 3, asking(cpu="600m"), "overflow"),
        (nodes(3, cpu="1"), 2, asking(cpu="600m"), "completes"),
        (nodes(1, memory="3Gi"), 3, asking(memory="1Gi"), "deadlock"),
        (nodes(1, memory="3Gi"), 3, {}, "completes"),
    ],
)
def test_resources_are_a_bound_too(cluster: Cluster, replicas: int, pod: Any, verdict: str) -> None:
    assert one(cluster, made("Deployment", pod=pod, replicas=replicas)).verdict == verdict


def test_extended_resources_are_resources() -> None:
    cluster = Cluster((NodePool("gpu", 1, max_pods=110, allocatable={"nvidia.com/gpu": "2"}),))
    found = one(cluster, made("Deployment", pod=asking(gpu=1), replicas=2))
    assert found.verdict == "deadlock"
    assert found.limit is not None
    assert found.limit.text == (
        "pool gpu: 1 node, 2 nvidia.com/gpu; each asks for 1 nvidia.com/gpu of one node; maxSurge 25% of 2 → 1, "
        "maxUnavailable 25% of 2 → 0; 3 > 2"
    )


def test_a_resource_sum_names_who_takes_what() -> None:
    documents = [made("Deployment", "web", pod=asking(cpu="500m")), made("ReplicaSet", "db", pod=asking(cpu="1500m"))]
    [web, _] = judged(nodes(1, cpu="2"), *documents).workloads
    assert web.limit is not None
    assert (web.limit.dimension, web.limit.needed, web.limit.capacity, web.limit.unit) == ("cpu", "2500m", "2", "cpu")
    assert web.limit.text == (
        "pool only: 1 node, 2 cpu; 1500m of ReplicaSet/db + 500m of this Deployment = 2; "
        "maxSurge 25% of 1 → 1, maxUnavailable 25% of 1 → 0; 2500m > 2"
    )


def test_a_resource_that_no_pool_declares_is_named_and_does_not_decide() -> None:
    assessment = judged(nodes(1, max_pods=2), made("Deployment", pod=asking(cpu=64)))
    assert assessment.verdict == "completes"
    assert assessment.unjudged == ("cpu: no pool declares it under allocatable",)


def test_what_other_pods_request_is_not_known() -> None:
    cluster = nodes(1, cpu="4")._replace(other_pods=(OtherPods("system", 2),))
    found = one(cluster, made("Deployment", pod=asking(cpu=1)))
    assert found.verdict == "completes"
    assert [(each.dimension, each.verdict) for each in found.shortages] == [("pods", "completes"), ("cpu", "unknown")]
    # what is short without them stays short
    assert one(cluster, made("Deployment", pod=asking(cpu=3))).verdict == "deadlock"


def quota(namespace: str | None = None, used: Any = None, spec: Any = None, **hard: Any) -> Document:
    status = {"status": {"used": used}} if used else {}
    named = {key.replace("_", "."): value for key, value in hard.items()}
    return plain("ResourceQuota", "q", namespace=namespace, spec={"hard": named, **(spec or {})}, **status)


@pytest.mark.parametrize(
    ("limit", "spec", "verdict"),
    [
        (quota(pods=2), {"replicas": 2}, "deadlock"),
        (quota(pods=3), {"replicas": 2}, "completes"),
        (quota(pods=2), {"replicas": 2, "strategy": IN_PLACE}, "completes"),
        (quota(pods=1), {"replicas": 2}, "overflow"),
        (quota(requests_cpu="1500m"), {"replicas": 2}, "deadlock"),
        (quota(cpu="1800m"), {"replicas": 2}, "completes"),
        (quota(namespace="other", pods=2), {"replicas": 2}, "completes"),
        (quota(pods=2, spec={"scopes": ["Terminating"]}), {"replicas": 2}, "completes"),
        (quota(pods=2, spec={"scopes": ["NotTerminating"]}), {"replicas": 2}, "deadlock"),
        (quota(pods=2, spec={"scopes": ["BestEffort"]}), {"replicas": 2}, "completes"),
        # the namespace's other pods, as the cluster reports them
        (quota(pods=4, used={"pods": "4"}), {"replicas": 2}, "deadlock"),
        (quota(pods=5, used={"pods": "4"}), {"replicas": 2}, "completes"),
        (quota(pods=3, used={"pods": "6"}), {"replicas": 2}, "overflow"),
    ],
)
def test_quotas(limit: Document, spec: Any, verdict: str) -> None:
    found = one(nodes(1), made("Deployment", pod=asking(cpu="600m"), **spec), present=(limit,))
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        (quota(pods="many"), "its limit pods is not a quantity"),
        (quota(pods="-1"), "its limit pods is not a quantity"),
        (quota(pods=1, spec={"scopes": ["PriorityClass"]}), "whether its scopes select the pods is not known"),
        (
            quota(requests_cpu=1),
            "it counts requests.cpu and refuses pods whose container c has none, unless a LimitRange gives it one",
        ),
    ],
)
def test_what_is_not_known_about_a_quota_is_said(limit: Document, reason: str) -> None:
    found = one(nodes(1), made("Deployment", pod={"containers": [{"name": "c"}]}), present=(limit,))
    assert [(each.verdict, each.text) for each in found.shortages[1:]] == [("unknown", reason)]
    assert found.verdict == "completes"


def test_objects_count_against_quotas() -> None:
    limit = plain("ResourceQuota", "q", spec={"hard": {"count/deployments.apps": "1", "services": "0"}})
    assessment = judged(nodes(1), made("Deployment", "a"), made("Deployment", "b"), limit)
    assert [(str(need.path), need.shortage.text) for need in assessment.quotas] == [
        ('spec.hard["count/deployments.apps"]', "quota default/q: count/deployments.apps 1; 2 > 1")
    ]


def anti(topology: str = "kubernetes.io/hostname", **rest: Any) -> dict[str, Any]:
    term = {"topologyKey": topology, "labelSelector": {"matchLabels": {"app": "web"}}, **rest}
    return {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}


@pytest.mark.parametrize(
    ("count", "pod", "verdict"),
    [
        (2, anti(), "deadlock"),
        (3, anti(), "completes"),
        (1, anti(), "overflow"),
        (2, anti(matchLabelKeys=["pod-template-hash"]), "completes"),
        (2, anti(namespaces=["default"]), "deadlock"),
        (2, anti(namespaces=["other"]), "likely"),
        (2, anti("rack"), "likely"),
        (2, {"hostNetwork": True, "containers": [{"ports": [{"containerPort": 80}]}]}, "deadlock"),
        (2, {"containers": [{"ports": [{"containerPort": 80, "hostPort": 80}]}]}, "deadlock"),
        (2, {"containers": [{"ports": [{"containerPort": 80}]}]}, "completes"),
        (2, {"topologySpreadConstraints": [{"topologyKey": "zone", "maxSkew": 1}]}, "likely"),
        (2, {"topologySpreadConstraints": [{"whenUnsatisfiable": "ScheduleAnyway"}]}, "completes"),
        (2, {"schedulerName": "other"}, "likely"),
    ],
)
def test_pods_that_keep_each_other_off_nodes(count: int, pod: Any, verdict: str) -> None:
    assert one(nodes(count), made("Deployment", pod=pod, labels={"app": "web"}, replicas=2)).verdict == verdict


def test_anti_affinity_by_zone_counts_declared_zones() -> None:
    pools = tuple(NodePool(zone, 4, max_pods=9, labels={"topology.kubernetes.io/zone": zone}) for zone in "ab")
    pod = anti("topology.kubernetes.io/zone")
    assert one(Cluster(pools), made("Deployment", pod=pod, labels={"app": "web"}, replicas=2)).verdict == "deadlock"
    assert one(Cluster(pools), made("Deployment", pod=pod, labels={"app": "web"}, replicas=3)).verdict == "overflow"


@pytest.mark.parametrize(
    ("spec", "cluster", "verdict"),
    [
        ({"updateStrategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}}, nodes(2, 1), "deadlock"),
        ({"updateStrategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}}, nodes(2, 2), "completes"),
        ({}, nodes(2, 1), "completes"),
        ({"updateStrategy": {"type": "OnDelete"}}, nodes(2, 1), "completes"),
    ],
)
def test_a_daemon_set_needs_room_on_every_node(spec: Any, cluster: Cluster, verdict: str) -> None:
    found = one(cluster, made("DaemonSet", **spec))
    assert (found.verdict, found.least) == (verdict, 2)


def test_a_daemon_set_that_does_not_fit() -> None:
    assert verdicts(nodes(2, 1), made("DaemonSet", "a"), made("DaemonSet", "b")) == ["overflow", "overflow"]


def claim(*modes: str) -> Document:
    return plain("PersistentVolumeClaim", "data", spec={"accessModes": list(modes)})


VOLUME = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}


@pytest.mark.parametrize(
    ("modes", "count", "spec", "verdict"),
    [
        (("ReadWriteOncePod",), 1, {}, "deadlock"),
        (("ReadWriteOncePod",), 1, {"strategy": IN_PLACE}, "completes"),
        (("ReadWriteOncePod",), 1, {"strategy": {"type": "Recreate"}}, "completes"),
        (("ReadWriteOncePod",), 1, {"replicas": 2}, "overflow"),
        (("ReadWriteOnce",), 1, {}, "completes"),
        (("ReadWriteOnce",), 2, {}, "race"),
        (("ReadWriteOnce",), 2, {"strategy": IN_PLACE}, "completes"),
        (("ReadWriteOnce",), 2, {"strategy": IN_PLACE, "replicas": 2}, "likely"),
        (("ReadWriteMany",), 2, {}, "completes"),
        ((), 2, {}, "completes"),
    ],
)
def test_volumes(modes: tuple[str, ...], count: int, spec: Any, verdict: str) -> None:
    assert one(nodes(count), made("Deployment", pod=VOLUME, **spec), present=(claim(*modes),)).verdict == verdict


def test_the_fixes_of_an_exclusive_volume() -> None:
    found = one(nodes(1), made("Deployment", pod=VOLUME), claim("ReadWriteOncePod"))
    assert [fix.title for fix in found.fixes] == [
        "set maxSurge: 0 and maxUnavailable: 1",
        "set strategy type: Recreate",
    ]


def hook(phases: str, **pod: Any) -> Document:
    return made("Job", "hook", "batch/v1", pod=pod, notes={"helm.sh/hook": phases})


@pytest.mark.parametrize(
    ("phases", "slots", "verdict"),
    [
        ("pre-upgrade", 1, "deadlock"),
        ("pre-upgrade", 2, "completes"),
        ("pre-install, pre-upgrade", 1, "deadlock"),
        ("pre-rollback", 1, "deadlock"),
        ("post-upgrade", 1, "likely"),
        ("pre-install", 1, "completes"),
    ],
)
def test_hooks_need_a_slot_of_their_own(phases: str, slots: int, verdict: str) -> None:
    [found] = judged(nodes(1, slots), made("Deployment", strategy=IN_PLACE), hook(phases)).hooks
    assert found.shortage.verdict == verdict


def test_hooks_that_are_not_of_a_rollout_are_left_out() -> None:
    assert judged(nodes(1, 1), made("Deployment"), hook("test"), hook("pre-delete")).hooks == ()


def test_hooks_and_quotas() -> None:
    documents = made("Deployment", strategy=IN_PLACE), hook("pre-upgrade"), quota(pods=1)
    [found] = judged(nodes(1), *documents).hooks
    assert (found.shortage.verdict, found.shortage.text) == ("deadlock", "quota default/q: pods 1; 1 taken; 2 > 1")


def test_a_hook_that_may_evict_others_is_not_certain() -> None:
    [found] = judged(nodes(1, 1), made("Deployment"), hook("pre-upgrade", priorityClassName="high")).hooks
    assert found.shortage.verdict == "likely"


@pytest.mark.parametrize(
    ("slots", "strategy", "at"),
    [
        (1, IN_PLACE, [(1, "completes"), (2, "overflow")]),
        (3, IN_PLACE, [(1, "completes")]),
        (3, {}, [(1, "completes"), (3, "deadlock")]),
        (2, {}, [(1, "completes"), (2, "deadlock"), (3, "overflow")]),
        (4, {}, [(1, "completes")]),
    ],
)
def test_every_number_of_an_autoscalers_range_is_judged(slots: int, strategy: Any, at: list[Any]) -> None:
    found = one(nodes(1, slots), made("Deployment", strategy=strategy), scaler(1, 3))
    assert [(entry.replicas, entry.verdict) for entry in found.at] == at
    assert found.verdict == at[0][1]
    assert found.worst == max((verdict for _, verdict in at), key=["completes", "deadlock", "overflow"].index)


def test_a_wide_range_is_judged_where_verdicts_change() -> None:
    found = one(nodes(1, 60), made("Deployment", strategy=IN_PLACE), scaler(1, 100_000))
    assert [(entry.replicas, entry.verdict) for entry in found.at] == [(1, "completes"), (61, "overflow")]


def test_only_what_changed_rolls() -> None:
    web, api = made("Deployment", "web"), made("Deployment", "api")
    assessment = judged(nodes(1, 2), web, api, changed={web.resource})
    assert [(found.rolls, found.verdict) for found in assessment.workloads] == [
        (True, "deadlock"),
        (False, "completes"),
    ]


def test_a_partition_above_the_replicas_rolls_nothing() -> None:
    found = one(nodes(1), made("StatefulSet", replicas=2, updateStrategy={"rollingUpdate": {"partition": 2}}))
    assert (found.rolls, found.downtime) == (False, "")


def test_a_priority_class_may_evict_others() -> None:
    high = made("Deployment", pod={"priorityClassName": "high"})
    assert one(nodes(1, 1), high).verdict == "likely"
    assert one(nodes(1, 1), high).notes == ("its priority class high may evict other pods instead of waiting for room",)
    polite = plain("PriorityClass", "high", "scheduling.k8s.io/v1", preemptionPolicy="Never")
    assert one(nodes(1, 1), high, present=(polite,)).verdict == "deadlock"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (made("Deployment", replicas="3"), "the API server refuses its replicas"),
        (made("Deployment", replicas=-1), "the API server refuses its replicas"),
        (
            made("Deployment", strategy={"rollingUpdate": {"maxUnavailable": "150%"}}),
            "spec.strategy.rollingUpdate.maxUnavailable: 150% is more than 100%",
        ),
        (
            made("Deployment", strategy={"rollingUpdate": {"maxSurge": "1"}}),
            "spec.strategy.rollingUpdate.maxSurge: '1' is neither a whole number from 0 nor a percentage such as 25%",
        ),
        (
            made("Deployment", pod={"nodeSelector": {"pool": "x"}}),
            "whether a pool has the node labels that it asks for",
        ),
    ],
)
def test_what_cannot_be_known_says_why(document: Document, reason: str) -> None:
    found = one(nodes(1), document)
    assert found.verdict == "unknown"
    assert found.limit is not None
    assert reason in found.limit.text


def owned(name: str, owner: str) -> Document:
    data = made("ReplicaSet", name).data
    reference = {"kind": "ReplicaSet" if owner != "web" else "Deployment", "name": owner, "controller": True}
    return Made({**data, "metadata": {**data["metadata"], "ownerReferences": [reference]}})


def test_what_another_object_owns_is_counted_with_its_owner() -> None:
    assessment = judged(nodes(1, 2), made("Deployment", "web"), owned("web-1", "web"), owned("web-2", "web-1"))
    assert [str(found.resource) for found in assessment.workloads] == ["Deployment/web"]


def test_owners_in_a_circle_are_not_known() -> None:
    [first, second] = judged(nodes(1), owned("a", "b"), owned("b", "a")).workloads
    assert (first.verdict, second.verdict) == ("unknown", "unknown")
    assert first.limit is not None
    assert first.limit.text == "its owner references form a circle"


def test_pools_without_nodes_and_unknown_types() -> None:
    empty = Cluster((NodePool("none", 0, max_pods=5),))
    found = one(empty, made("Deployment"))
    assert found.verdict == "unknown"
    assert found.limit is not None
    assert found.limit.text == "none of the declared pools has nodes that it may use"
    with pytest.raises(ConfigError, match=r"pool x: 't3\.smol' is not an EC2 instance type .* did you mean t3\.small"):
        judged(Cluster((NodePool("x", 1, "t3.smol"),)), made("Deployment"))
    with pytest.raises(ConfigError, match="pool x: cpu: 'lots' is not a quantity"):
        judged(Cluster((NodePool("x", 1, max_pods=5, allocatable={"cpu": "lots"}),)), made("Deployment"))


def large(policy: str = "", others: int = 108) -> Cluster:
    """A node that takes 234 pods, or 110 in a managed node group."""
    return Cluster((NodePool("big", 1, "m5.4xlarge", max_pods_policy=policy),), (OtherPods("others", others),))


@pytest.mark.parametrize(
    ("cluster", "verdict"),
    [
        (large("ami"), "completes"),
        (large("recommended"), "deadlock"),
        (large(), "unknown"),
        (large(others=107), "completes"),
        # what is short with the larger number is so with the smaller
        (large(others=232), "deadlock"),
        (large(others=233), "overflow"),
    ],
)
def test_a_rollout_that_hangs_on_an_undeclared_policy_is_not_known_to_complete(cluster: Cluster, verdict: str) -> None:
    assert one(cluster, made("Deployment", replicas=2)).verdict == verdict


def test_what_is_undeclared_is_said_of_hooks_and_ranges_as_well() -> None:
    assessment = judged(large(), made("Deployment", replicas=2, strategy=IN_PLACE), hook("pre-upgrade"), scaler(1, 9))
    [found], [need] = assessment.workloads, assessment.hooks
    assert [(entry.replicas, entry.verdict) for entry in found.at] == [(1, "completes"), (3, "unknown")]
    # the autoscaler may have run nine pods by then
    assert need.shortage.verdict == "unknown"
    [crowded] = judged(large(others=109), made("Deployment", strategy=IN_PLACE), hook("pre-upgrade")).hooks
    assert crowded.shortage.text == (
        "pool big: 234 = 8·(30−1)+2 pods per node as the node image sets it, "  # noqa: RUF001
        "110 in a managed node group; which of them holds is not declared (max-pods-policy)"
    )


def test_other_platforms_bring_their_own_limit() -> None:
    cluster = Cluster((NodePool("aks", 1, "Standard_D4s_v5", provider="aks-azure-cni"),), (OtherPods("others", 29),))
    found = one(cluster, made("Deployment"))
    assert (found.verdict, found.capacity) == ("deadlock", 30)
    assert found.limit is not None
    assert found.limit.text.startswith(
        "pool aks: 1 × Standard_D4s_v5, 30 pods (the default of AKS with Azure CNI, node subnet);"  # noqa: RUF001
    )


def test_kinds_that_are_not_modelled_leave_it_open() -> None:
    rollout = made("Rollout", "canary", "argoproj.io/v1alpha1")
    found = one(nodes(1, 9), made("Deployment"), rollout)
    assert found.verdict == "unknown"
    assert found.limit is not None
    assert found.limit.text == "the pods of Rollout/canary are not counted"


def test_the_steps_and_the_table() -> None:
    cluster = Cluster(
        (NodePool("default", 1, "t3.small"),), (OtherPods("aws-node", per_node=True), OtherPods("rest", 9))
    )
    assessment = judged(cluster, made("Deployment"))
    [pool] = assessment.pools
    assert (pool.cap, pool.slots, pool.free) == (11, 10, 0)
    assert [(share.name, share.pods, share.per_node) for share in pool.system] == [("aws-node", 1, True)]
    [found] = assessment.workloads
    assert (found.peak, found.capacity, found.surge_text, found.unavailable_text) == (
        12,
        11,
        "25% of 1 → 1",
        "25% of 1 → 0",
    )
    assert [(step.serving, step.wanted, step.stuck) for step in found.steps] == [
        (1, 11, False),
        (1, 12, False),
        (1, 12, True),
    ]
    [mended] = judged(cluster, made("Deployment", strategy=IN_PLACE)).workloads
    assert (mended.verdict, mended.peak) == ("completes", 11)
    assert mended.downtime == "downtime on every rollout: the one pod stops before its successor is ready"
    assert [(step.serving, step.wanted) for step in mended.steps] == [(1, 11), (0, 10), (0, 11), (1, 11)]


def test_a_large_release_is_told_in_a_few_steps() -> None:
    [found] = judged(nodes(1, 200), made("Deployment", replicas=100)).workloads
    assert [(step.serving, step.wanted) for step in found.steps] == [
        (100, 100),
        (100, 125),
        (75, 100),
        (75, 125),
        (75, 125),
        (100, 100),
    ]
    assert found.downtime == "serves with 75 of 100 pods meanwhile"
