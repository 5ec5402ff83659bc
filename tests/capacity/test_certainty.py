"""What only looks certain: cases in which some course of events ends otherwise, found by the model."""

from typing import Any

import pytest
from made import made, plain, scaler

from policylint.capacity.assess import assess
from policylint.capacity.assessment import Assessment
from policylint.config import Cluster, NodePool, OtherPods
from policylint.document.document import Document
from policylint.views.release import Release

IN_PLACE = {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
ZONE = "topology.kubernetes.io/zone"


def judged(cluster: Cluster, *documents: Document) -> Assessment:
    return assess(Release("release", documents), cluster)


def verdicts(cluster: Cluster, *documents: Document) -> list[str]:
    return [found.verdict for found in judged(cluster, *documents).workloads]


def pool(name: str, count: int, max_pods: int, **rest: Any) -> NodePool:
    return NodePool(name, count, max_pods=max_pods, labels={"pool": name, **rest.pop("labels", {})}, **rest)


def asking(cpu: int, **pod: Any) -> dict[str, Any]:
    return {"containers": [{"name": "c", "resources": {"requests": {"cpu": cpu}}}], **pod}


def test_pods_that_no_arrangement_is_found_for_are_not_certain_to_run() -> None:
    # 10 cpu for 7, 5 slots for 4; and yet one node has a cpu too few and the other two a slot each
    cluster = Cluster((pool("a", 1, 3, allocatable={"cpu": "2"}), pool("b", 2, 1, allocatable={"cpu": "4"})))
    agent = made("DaemonSet", "agent", pod=asking(1, nodeSelector={"pool": "a"}))
    large = made("Deployment", "large", pod=asking(2), replicas=3, paused=True)
    assert verdicts(cluster, agent, large) == ["likely", "likely"]


def test_one_overflow_makes_everything_that_shares_a_pool_with_it_unsure() -> None:
    cluster = Cluster((pool("a", 1, 1), pool("b", 1, 3), pool("c", 1, 1)))
    documents = (
        made("StatefulSet", "db", pod={"nodeSelector": {"pool": "a"}}, replicas=2),
        made("Deployment", "anywhere"),
        made("Deployment", "confined", pod={"nodeSelector": {"pool": "c"}}),
    )
    assert verdicts(cluster, *documents) == ["overflow", "completes", "likely"]
    # on its own, it is certain
    assert verdicts(cluster, documents[2]) == ["deadlock"]


def test_what_does_not_fit_beside_others_is_no_deadlock_of_its_own() -> None:
    # two pods of the Deployment fill both nodes, and the one of the StatefulSet, which gives way, needs one of them
    cluster = Cluster((pool("a", 2, 9, allocatable={"cpu": "2"}),))
    documents = made("StatefulSet", "db", pod=asking(2)), made("Deployment", pod=asking(2)), scaler(1, 2)
    [_, web] = judged(cluster, *documents).workloads
    assert [(entry.replicas, entry.verdict) for entry in web.at] == [(1, "race"), (2, "overflow")]


@pytest.mark.parametrize("where", ["", "a"])
def test_a_daemon_set_does_not_fit_beside_others_that_take_one_of_its_nodes(where: str) -> None:
    cluster = Cluster((pool("a", 2, 1),), (OtherPods("other", pool=where),))
    [found] = judged(cluster, made("DaemonSet", "agent")).workloads
    assert (found.verdict, found.limit.text if found.limit else "") == (
        "overflow",
        "pool a: 2 nodes, 1 pods (max-pods) each, 2 in all; 1 other pod + 2 of this DaemonSet = 3; 3 > 2",
    )


def spread(topology: str = "kubernetes.io/hostname", **rest: Any) -> dict[str, Any]:
    constraint = {"maxSkew": 1, "topologyKey": topology, "whenUnsatisfiable": "DoNotSchedule"}
    return {"topologySpreadConstraints": [{**constraint, "labelSelector": {"matchLabels": {"app": "web"}}, **rest}]}


TAINTED = ({"key": "gpu", "effect": "NoSchedule"},)


@pytest.mark.parametrize(
    ("pools", "pod", "verdict"),
    [
        ((pool("a", 2, 9),), spread(), "completes"),
        ((pool("a", 1, 9),), spread(), "completes"),
        # one of the nodes may be full
        ((pool("a", 2, 2),), spread(), "likely"),
        # an empty node that the pods may not use counts, and keeps the others from a second pod
        ((pool("a", 1, 9), pool("b", 1, 9, taints=TAINTED)), spread(), "likely"),
        ((pool("a", 1, 9), pool("b", 1, 9, taints=TAINTED)), {**spread(), "nodeSelector": {"pool": "a"}}, "completes"),
        ((pool("a", 2, 9),), spread(minDomains=3), "likely"),
        ((pool("a", 2, 9),), spread(ZONE), "likely"),
        ((pool("a", 2, 9, labels={ZONE: "1"}), pool("b", 1, 9, labels={ZONE: "2"})), spread(ZONE), "completes"),
    ],
)
def test_an_even_spread_completes_where_every_domain_has_room(pools: Any, pod: Any, verdict: str) -> None:
    web = made("Deployment", pod=pod, labels={"app": "web"}, replicas=2)
    assert verdicts(Cluster(pools), web) == [verdict]


def test_zones_that_exclude_each_other_still_need_room_on_a_single_node() -> None:
    term = {"topologyKey": ZONE, "labelSelector": {"matchLabels": {"app": "web"}}}
    anti = {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}
    web = made("Deployment", pod=anti, labels={"app": "web"}, strategy=IN_PLACE)
    # the autoscaler of another may take the slot that the old pod leaves
    others = made("Deployment", "other", strategy=IN_PLACE), scaler(1, 2, name="other")
    assert verdicts(Cluster((pool("a", 1, 9),)), web, *others) == ["completes", "completes"]
    assert verdicts(Cluster((pool("a", 1, 2),)), web, *others)[0] == "likely"


def test_a_hook_may_meet_a_quota_that_an_autoscaler_has_used_up() -> None:
    quota = plain("ResourceQuota", "q", spec={"hard": {"pods": "3"}})
    hook = made("Job", "hook", "batch/v1", notes={"helm.sh/hook": "pre-upgrade"})
    web = made("Deployment", replicas=2, strategy=IN_PLACE)
    cluster = Cluster((pool("a", 1, 9),))
    [need] = judged(cluster, web, quota, hook).hooks
    assert need.shortage.verdict == "completes"
    [need] = judged(cluster, web, quota, hook, scaler(2, 3)).hooks
    assert (need.shortage.verdict, need.shortage.text) == ("likely", "quota default/q: pods 3; up to 3 taken; 4 > 3")


def test_a_surge_pod_that_waits_at_an_autoscalers_most_counts_against_a_quota() -> None:
    cluster = Cluster((pool("a", 1, 9, allocatable={"cpu": "4"}), pool("b", 1, 9, allocatable={"cpu": "4"})))
    web = made("Deployment", pod=asking(2, nodeSelector={"pool": "a"})), scaler(1, 2)
    db = made("StatefulSet", "db", pod={"nodeSelector": {"pool": "b"}}, replicas=2)

    def limited(pods: int) -> list[str]:
        return verdicts(cluster, *web, db, plain("ResourceQuota", "q", spec={"hard": {"pods": str(pods)}}))

    assert limited(4) == ["likely", "likely"]
    assert limited(5)[1] == "completes"


@pytest.mark.parametrize(
    ("slots", "strategy", "verdict"),
    [(3, {}, "completes"), (2, IN_PLACE, "likely"), (2, {"type": "Recreate"}, "likely")],
)
def test_jobs_get_what_others_leave(slots: int, strategy: Any, verdict: str) -> None:
    [need] = judged(
        Cluster((pool("a", 1, slots),)),
        made("Deployment", strategy=strategy),
        made("ReplicaSet", "still"),
        made("Job", "job", "batch/v1"),
    ).jobs
    assert (need.at_once, need.shortage.verdict) == (1, verdict if slots > 2 or strategy else "completes")


def test_a_job_without_room_never_starts() -> None:
    full = Cluster((pool("a", 1, 2, allocatable={"cpu": "2"}),), (OtherPods("other", requests={}),))
    still = made("ReplicaSet", "still")
    [need] = judged(full, still, made("CronJob", "tick", "batch/v1")).jobs
    assert (need.at_once, need.shortage.verdict) == (None, "deadlock")
    assert need.shortage.text == ("pool a: 1 node, 2 pods (max-pods); 1 other pod + 1 of this release = 2; 3 > 2")
    [large] = judged(full._replace(other_pods=()), still, made("Job", "big", "batch/v1", pod=asking(3))).jobs
    assert large.shortage.text == "it asks for 3 cpu of one node, and those of pool a have 2 at most"


@pytest.mark.parametrize(
    ("spec", "at_once"),
    [
        ({}, 1),
        ({"parallelism": 4}, 4),
        ({"parallelism": 4, "completions": 2}, 2),
        ({"parallelism": 0}, None),
        ({"suspend": True}, None),
        ({"parallelism": "4"}, 1),
    ],
)
def test_how_many_pods_of_a_job_run_at_once(spec: Any, at_once: int | None) -> None:
    jobs = judged(Cluster((pool("a", 1, 9),)), made("Deployment"), made("Job", "job", "batch/v1", **spec)).jobs
    assert [job.at_once for job in jobs] == ([] if at_once is None else [at_once])


@pytest.mark.parametrize(
    ("requests", "reason"),
    [
        ({"cpu": "lots"}, "the API server refuses cpu: lots"),
        ({"memory": "-1Gi"}, "the API server refuses memory: -1Gi"),
        (
            {"nvidia.com/gpu": "500m"},
            "the API server refuses nvidia.com/gpu: 500m, which is counted in whole numbers",
        ),
        ({"nvidia.com/gpu": 1}, "no pool declares it under allocatable"),
    ],
)
def test_requests_that_cannot_be_judged_say_why(requests: Any, reason: str) -> None:
    pod = {"containers": [{"name": "c", "resources": {"requests": requests}}]}
    [found] = judged(Cluster((pool("a", 1, 9),)), made("Deployment", pod=pod)).workloads
    assert [each.text for each in found.shortages if each.verdict == "unknown"] == [reason]


@pytest.mark.parametrize(
    ("bounds", "resources", "reason"),
    [
        ({"max": {"cpu": 1}}, {"requests": {"cpu": 2}}, "cpu: 2, more than the 1 of a container in a LimitRange"),
        ({"max": {"cpu": 1}}, {"requests": {"cpu": 1}}, ""),
        ({"max": {"cpu": 1}}, {}, ""),
        ({"min": {"memory": "1Gi"}}, {"requests": {"memory": "512Mi"}}, "memory: 512Mi, less than the 1Gi"),
        ({"min": {"memory": "1Gi"}}, {}, ""),
    ],
)
def test_what_a_limit_range_refuses_is_not_rolled_out(bounds: Any, resources: Any, reason: str) -> None:
    limits = plain("LimitRange", "l", spec={"limits": [{"type": "Container", **bounds}]})
    pod = {"containers": [{"name": "c", "resources": resources}]}
    [found] = judged(Cluster((pool("a", 1, 9),)), made("Deployment", pod=pod), limits).workloads
    assert found.verdict == ("unknown" if reason else "completes")
    assert reason in (found.limit.text if found.limit is not None else "")


def test_a_rollout_that_takes_longer_than_helm_waits_is_noted() -> None:
    cluster = Cluster((pool("a", 1, 99),))
    # 15 pods at a time
    [quick] = judged(cluster, made("Deployment", replicas=30, minReadySeconds=60)).workloads
    assert not any("Helm" in note or "helm" in note for note in quick.notes)
    one_by_one = {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    [slower] = judged(cluster, made("Deployment", replicas=30, minReadySeconds=60, strategy=one_by_one)).workloads
    assert slower.notes == (
        "it takes 1800 s at least, 30 times minReadySeconds 60; `helm --wait` gives up after 300 s, "
        "unless it is told otherwise",
    )


def quota_needs(hard: Any, *documents: Document) -> list[str]:
    limit = plain("ResourceQuota", "q", spec={"hard": hard})
    return [need.shortage.text for need in judged(Cluster((pool("a", 1, 99),)), *documents, limit).quotas]


def test_objects_that_controllers_make_count_against_quotas() -> None:
    web = made("Deployment", strategy=IN_PLACE)
    assert quota_needs({"count/replicasets.apps": "2"}, web) == []
    assert quota_needs({"count/replicasets.apps": "1"}, web) == [
        "quota default/q: count/replicasets.apps 1; 1 of Deployments and 1 more while they roll; 2 > 1"
    ]
    claims = {"replicas": 3, "volumeClaimTemplates": [{"metadata": {"name": "data"}}]}
    assert quota_needs({"persistentvolumeclaims": "2"}, made("StatefulSet", "db", **claims)) == [
        "quota default/q: persistentvolumeclaims 2; 3 for the pods of StatefulSets; 3 > 2"
    ]
    services = [
        plain("Service", "one", spec={"type": "LoadBalancer", "ports": [{"port": 80}, {"port": 443}]}),
        plain("Service", "two", spec={"type": "NodePort", "ports": [{"port": 80}]}),
        plain("Service", "three", spec={"ports": [{"port": 80}]}),
    ]
    assert quota_needs({"services.loadbalancers": "0", "services.nodeports": "2", "services": "3"}, web, *services) == [
        "quota default/q: services.loadbalancers 0; 1 > 0",
        "quota default/q: services.nodeports 2; 3 > 2",
    ]


@pytest.mark.parametrize(
    ("given", "missing"), [(1, "serves with 9 of 10"), ("34%", "serves with 7 of 10"), ("1%", "serves with 9 of 10")]
)
def test_a_stateful_set_misses_pods_rounded_down_and_one_at_least(given: int | str, missing: str) -> None:
    update = {"rollingUpdate": {"maxUnavailable": given}}
    [found] = judged(
        Cluster((pool("a", 1, 99),)), made("StatefulSet", "db", replicas=10, updateStrategy=update)
    ).workloads
    assert found.downtime == f"{missing} pods meanwhile"
