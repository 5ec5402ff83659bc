"""What a reading of a cluster comes to: pools, other pods, and what is noted."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from api_server import TOKEN, Json, named, node, pod, replica_set

from policylint.capacity.observed import Observed, observe
from policylint.capacity.owners import Owner, Owners
from policylint.config import Cluster, NodePool, OtherPods
from policylint.errors import UsageError
from policylint.sources.cluster import Reading

WHEN = datetime(2031, 1, 2, 3, 4, tzinfo=UTC)
LINUX = {"kubernetes.io/os": "linux"}
FREE = {"cpu": "2", "memory": "1Gi"}


def observed(nodes: list[Json], pods: tuple[Json, ...] = (), denied: Any = None, **objects: Any) -> Observed:
    return observe(Reading("here", WHEN, {"nodes": nodes, "pods": pods, **objects}, denied or {}))


def others(*pods: Json, nodes: list[Json] | None = None, **objects: Any) -> tuple[OtherPods, ...]:
    objects = {"replicasets": [], **objects}
    return observed(nodes or [node("n1"), node("n2")], pods, **objects).cluster.other_pods


# --- pools


def test_equal_nodes_are_one_pool() -> None:
    assert observed([node("n2"), node("n1")]) == (
        Cluster((NodePool("nodes", 2, max_pods=11, labels=LINUX, allocatable=FREE),)),
        (),
    )


@pytest.mark.parametrize(
    "other",
    [
        node("n2", pods="12"),
        node("n2", cpu="3"),
        node("n2", labels={"team": "data"}),
        node("n2", taints=[{"key": "team", "value": "data", "effect": "NoSchedule"}]),
        node("n2", unschedulable=True),
    ],
)
def test_what_decides_about_pods_makes_another_pool(other: Json) -> None:
    pools = observed([node("n1"), other]).cluster.node_pools
    assert [pool.nodes for pool in pools] == [1, 1]
    assert len({pool.name for pool in pools}) == 2


def test_labels_that_name_the_node_itself_make_none() -> None:
    nodes = [
        node(name, labels={"alpha.eksctl.io/instance-id": f"i-{name}", "id": f"i-{name}", "host": name})
        for name in ("n1", "n2")
    ]
    for item in nodes:
        item["spec"]["providerID"] = f"aws:///eu-west-1a/i-{item['metadata']['name']}"
    [pool] = observed(nodes).cluster.node_pools
    assert (pool.nodes, pool.labels) == (2, LINUX)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ([{"eks.amazonaws.com/nodegroup": "web"}], ["web"]),
        ([{"cloud.google.com/gke-nodepool": "web", "node.kubernetes.io/instance-type": "e2-small"}], ["web"]),
        ([{"node.kubernetes.io/instance-type": "t3.small"}], ["t3.small"]),
        ([{"a": "1"}, {"a": "2"}], ["nodes", "nodes-2"]),
        (
            [{"agentpool": "a", "topology.kubernetes.io/zone": zone} for zone in ("z1", "z2")],
            ["a-z1", "a-z2"],
        ),
        ([{"agentpool": "größe / 2"}], ["gr-e-2"]),
    ],
)
def test_names_of_pools(labels: list[dict[str, str]], names: list[str]) -> None:
    nodes = [node(f"n{number}", labels=given) for number, given in enumerate(labels)]
    assert [pool.name for pool in observed(nodes).cluster.node_pools] == names


def test_the_instance_type_is_told() -> None:
    [pool] = observed([node("n1", labels={"node.kubernetes.io/instance-type": "t3.small"})]).cluster.node_pools
    assert (pool.instance_type, pool.max_pods) == ("t3.small", 11)


@pytest.mark.parametrize("spec", [{"ready": False}, {"unschedulable": True}])
def test_nodes_that_take_no_new_pods(spec: Any) -> None:
    passing = [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}]
    found = observed([node("n1"), node("n2", taints=passing, **spec)])
    assert [(pool.name, pool.unschedulable, pool.taints) for pool in found.cluster.node_pools] == [
        ("nodes", False, ()),
        ("nodes-unschedulable", True, ()),
    ]
    assert found.notes == ("cordoned or not ready, so that they take no new pods: n2",)


def test_a_node_that_says_nothing_is_noted() -> None:
    found = observed([node("n1"), {"metadata": {"name": "n2"}}, {"metadata": 3}])
    assert [pool.nodes for pool in found.cluster.node_pools] == [1]
    assert found.notes == (
        "node None does not say how many pods it takes, and is left out",
        "node n2 does not say how many pods it takes, and is left out",
    )


def test_no_nodes() -> None:
    with pytest.raises(UsageError, match="the cluster of context 'here' has no nodes"):
        observed([])


# --- pods


def test_pods_are_counted_by_the_owner_at_the_end_of_the_chain() -> None:
    sets = [replica_set("web-1", "Deployment/web"), replica_set("web-2", "Deployment/web"), replica_set("alone")]
    found = others(
        pod("a", owner="ReplicaSet/web-1"),
        pod("b", "n2", owner="ReplicaSet/web-2"),
        pod("c", owner="ReplicaSet/alone"),
        pod("d", owner="StatefulSet/db"),
        pod("e"),
        pod("f", namespace="prod"),
        replicasets=sets,
    )
    assert [(other.name, other.owner, other.pods) for other in found] == [
        ("prod/f", "Pod/prod/f", 1),
        ("shop/alone", "ReplicaSet/shop/alone", 1),
        ("shop/db", "StatefulSet/shop/db", 1),
        ("shop/e", "Pod/shop/e", 1),
        ("shop/web", "Deployment/shop/web", 2),
    ]


def test_a_daemon_on_every_node_is_one_per_node() -> None:
    [found] = others(pod("a", "n1", owner="DaemonSet/agent"), pod("b", "n2", owner="DaemonSet/agent"))
    assert found == OtherPods("shop/agent", per_node=True, owner="DaemonSet/shop/agent", requests={})


def test_a_daemon_on_some_nodes_is_a_number_of_pods() -> None:
    [found] = others(pod("a", "n1", owner="DaemonSet/agent"))
    assert (found.pods, found.per_node, found.pool) == (1, False, "")


def test_a_daemon_of_one_pool_is_one_per_node_there() -> None:
    nodes = [node("n1"), node("g1", labels={"agentpool": "gpu"}), node("g2", labels={"agentpool": "gpu"})]
    found = others(
        *(pod(f"gpu-{on}", on, owner="DaemonSet/gpu") for on in ("g1", "g2")),
        *(pod(f"all-{on}", on, owner="DaemonSet/all") for on in ("n1", "g1", "g2")),
        pod("x", "g2", owner="StatefulSet/x"),
        nodes=nodes,
    )
    assert [(other.name, other.pods, other.per_node, other.pool) for other in found] == [
        ("shop/all", 1, True, ""),
        ("shop/gpu", 1, True, "gpu"),
        ("shop/x", 1, False, "gpu"),
    ]


def test_static_pods_belong_to_their_nodes() -> None:
    pods = [pod(f"proxy-{on}", on, owner=f"Node/{on}") for on in ("n1", "n2")]
    assert others(*pods) == (OtherPods("shop/proxy", per_node=True, requests={}),)


def test_requests_are_told_apart() -> None:
    found = others(
        *(pod(name, owner="StatefulSet/db", cpu=cpu) for name, cpu in (("a", "1"), ("b", "1"), ("c", "50m")))
    )
    assert [(other.pods, other.requests) for other in found] == [(2, {"cpu": "1"}), (1, {"cpu": "50m"})]


def test_pods_that_have_ended_or_go_leave_no_trace() -> None:
    pods = [pod("a", phase="Succeeded"), pod("b", phase="Failed"), pod("c", deleted=True)]
    assert others(*pods) == ()


def test_what_is_not_counted_is_noted() -> None:
    pods = (
        *(pod(f"j{number}", owner=f"Job/j{number}") for number in range(7)),
        pod("once", restart="Never"),
        pod("w", None, owner="StatefulSet/db"),
        pod("e", "elsewhere"),
    )
    found = observed([node("n1")], pods, replicasets=[])
    assert found.cluster.other_pods == ()
    assert found.notes == (
        "not counted, as their pods end: Job/shop/j0, Job/shop/j1, Job/shop/j2, Job/shop/j3, Job/shop/j4 and 3 more",
        "not counted, as some of their pods wait for a node: StatefulSet/shop/db",
        "not counted, as the nodes of some of their pods are not listed: Pod/shop/e",
    )


def test_the_order_of_the_lists_does_not_matter() -> None:
    nodes = [node("n1"), node("n2", labels={"a": "1"}), node("n3", pods="5")]
    pods = [pod("a"), pod("b", "n2", owner="StatefulSet/db", cpu="1"), pod("c", "n3", owner="DaemonSet/d")]
    quotas = [named(name, {"hard": {"pods": "1", "cpu": "1"}}) for name in ("q1", "q2", "q3")]
    found = [
        observed(list(order), tuple(reversed(pods)) if number % 2 else tuple(pods), resourcequotas=quotas[number % 3 :])
        for number, order in enumerate(itertools.permutations(nodes))
    ]
    assert {tuple(each.cluster.node_pools) == found[0].cluster.node_pools for each in found} == {True}
    assert {each.cluster.other_pods == found[0].cluster.other_pods for each in found} == {True}


def test_pods_that_are_denied_are_unknown() -> None:
    found = observed([node("n1")], denied={"pods": "listing pods is not allowed"})
    assert found.cluster.unknown == ("other workloads",)
    assert found.notes == ("not known: listing pods is not allowed",)


# --- what limits them


def test_quotas_and_the_like_are_listed_in_order() -> None:
    found = observed(
        [node("n1")],
        horizontalpodautoscalers=[named("h", {"maxReplicas": 3, "minReplicas": None})],
        resourcequotas=[named("q", {"hard": {"pods": "5"}}, status={"used": {"pods": "2"}}), {"metadata": {}}],
        limitranges=[named("l", {"limits": [{"type": "Container", "default": {"cpu": "1"}, "min": None}]})],
        poddisruptionbudgets=[named("b", {"maxUnavailable": 0}), named("a", {}, namespace="prod")],
    ).cluster.present
    assert found == (
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"namespace": "shop", "name": "q"},
            "spec": {"hard": {"pods": "5"}},
            "status": {"used": {"pods": "2"}},
        },
        {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": {"namespace": "shop", "name": "l"},
            "spec": {"limits": [{"default": {"cpu": "1"}, "type": "Container"}]},
        },
        {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"namespace": "prod", "name": "a"}},
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"namespace": "shop", "name": "b"},
            "spec": {"maxUnavailable": 0},
        },
        {
            "apiVersion": "autoscaling/v1",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"namespace": "shop", "name": "h"},
            "spec": {"maxReplicas": 3},
        },
    )


def test_nothing_of_the_pods_environment_is_kept() -> None:
    assert TOKEN not in str(observed([node("n1")], (pod("a"),)))


# --- owners


@pytest.mark.parametrize(
    ("sets", "owner", "labels", "found"),
    [
        ([replica_set("r", "Deployment/d")], "ReplicaSet/r", {}, Owner("Deployment", "shop", "d")),
        ([], "ReplicaSet/r", {}, Owner("ReplicaSet", "shop", "r")),
        ([replica_set("r", "ReplicaSet/r")], "ReplicaSet/r", {}, Owner("ReplicaSet", "shop", "r")),
        (
            [replica_set("r", "ReplicaSet/s"), replica_set("s", "ReplicaSet/r")],
            "ReplicaSet/r",
            {},
            Owner("ReplicaSet", "shop", "s"),
        ),
        ([replica_set("r", "Rollout/d")], "ReplicaSet/r", {}, Owner("Rollout", "shop", "d")),
        ([{"metadata": 3}, {}], "ReplicaSet/r", {}, Owner("ReplicaSet", "shop", "r")),
        (None, "ReplicaSet/web-5d4", {"pod-template-hash": "5d4"}, Owner("Deployment", "shop", "web")),
        (None, "ReplicaSet/web-5d4", {}, Owner("ReplicaSet", "shop", "web-5d4")),
        (None, "DaemonSet/web", {"pod-template-hash": "5d4"}, Owner("DaemonSet", "shop", "web")),
        ([], "", {}, Owner("Pod", "shop", "p")),
        ([], "Pod/p", {}, Owner("Pod", "shop", "p")),
    ],
)
def test_owners(sets: list[Json] | None, owner: str, labels: dict[str, str], found: Owner) -> None:
    assert Owners(sets).of(pod("p", owner=owner, labels=labels)) == found


def test_a_reference_that_does_not_control_is_no_owner() -> None:
    item = pod("p", owner="ReplicaSet/r")
    item["metadata"]["ownerReferences"][0]["controller"] = False
    assert Owners([]).of(item) == Owner("Pod", "shop", "p")
