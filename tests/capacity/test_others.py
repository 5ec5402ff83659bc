"""Other pods: which pool they are in, what they ask for, whose they are, and what is there besides them."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import made, plain, scaler

from policylint.capacity.assess import assess
from policylint.capacity.assessment import Assessment, Share
from policylint.capacity.disruption import blocked_workloads
from policylint.capacity.limits import MINUS
from policylint.config import Cluster, NodePool, OtherPods
from policylint.document.document import Document
from policylint.errors import ConfigError
from policylint.views.release import Release

SMALL = NodePool("small", 1, max_pods=4, labels={"size": "small"})
LARGE = NodePool("large", 1, max_pods=6, labels={"size": "large"})
ON_SMALL: Any = {"nodeSelector": {"size": "small"}}
ON_LARGE: Any = {"nodeSelector": {"size": "large"}}
ASKS: Any = {"containers": [{"name": "c", "resources": {"requests": {"cpu": "1"}}}]}


def judged(pools: tuple[NodePool, ...], others: tuple[OtherPods, ...], *documents: Document, **more: Any) -> Assessment:
    return assess(Release("release", documents), Cluster(pools, others, **more))


def verdicts(
    pools: tuple[NodePool, ...], others: tuple[OtherPods, ...], *documents: Document, **more: Any
) -> list[str]:
    return [found.verdict for found in judged(pools, others, *documents, **more).workloads]


@pytest.mark.parametrize(
    ("others", "small", "large"),
    [
        ((OtherPods("many", 3),), "likely", "completes"),
        ((OtherPods("many", 3, pool="small"),), "deadlock", "completes"),
        ((OtherPods("many", 3, pool="large"),), "completes", "completes"),
        ((OtherPods("many", 5, pool="large"),), "completes", "deadlock"),
        ((OtherPods("agent", 3, per_node=True, pool="small"),), "deadlock", "completes"),
        ((OtherPods("agent", 3, per_node=True),), "deadlock", "completes"),
        ((OtherPods("many", 4, pool="small"),), "overflow", "completes"),
    ],
)
def test_pods_in_a_pool_take_room_there_only(others: tuple[OtherPods, ...], small: str, large: str) -> None:
    web, api = made("Deployment", "web", pod=ON_SMALL), made("Deployment", "api", pod=ON_LARGE)
    assert verdicts((SMALL, LARGE), others, web, api) == [small, large]


def test_the_sum_names_what_is_in_the_pool() -> None:
    found = judged((SMALL, LARGE), (OtherPods("many", 3, pool="small"),), made("Deployment", pod=ON_SMALL))
    assert found.workloads[0].limit is not None
    assert "3 other pods" in found.workloads[0].limit.text
    assert "5 > 4" in found.workloads[0].limit.text
    assert [pool.others for pool in found.pools] == [(Share("many", 3, 3),), ()]
    assert [pool.free for pool in found.pools] == [0, 6]


@pytest.mark.parametrize(
    ("others", "verdict"),
    [
        ((OtherPods("a", 1, requests={"cpu": "1500m"}),), "deadlock"),
        ((OtherPods("a", 3, requests={"cpu": "500m"}),), "deadlock"),
        ((OtherPods("a", 1, per_node=True, requests={"cpu": "1500m"}),), "deadlock"),
        ((OtherPods("a", 1, pool="small", requests={"cpu": "1500m"}),), "deadlock"),
        ((OtherPods("a", 1, requests={"cpu": "1"}),), "completes"),
        ((OtherPods("a", 1, requests={}),), "completes"),
        ((OtherPods("a", 1, requests={"cpu": "2500m"}),), "overflow"),
    ],
)
def test_what_other_pods_request_is_taken(others: tuple[OtherPods, ...], verdict: str) -> None:
    pool = SMALL._replace(max_pods=100, allocatable={"cpu": "3"})
    assert verdicts((pool,), others, made("Deployment", pod=ASKS)) == [verdict]


def test_one_that_does_not_say_leaves_it_unknown() -> None:
    pool = SMALL._replace(max_pods=100, allocatable={"cpu": "3"})
    others = (OtherPods("a", requests={"cpu": "100m"}), OtherPods("b"))
    [found] = judged((pool,), others, made("Deployment", pod=ASKS)).workloads
    assert [shortage.verdict for shortage in found.shortages if shortage.dimension == "cpu"] == ["unknown"]


def test_a_request_that_is_no_quantity() -> None:
    with pytest.raises(ConfigError, match=r"cluster\.other-pods, a: cpu: 'x' is not a quantity"):
        judged((SMALL._replace(allocatable={"cpu": "3"}),), (OtherPods("a", requests={"cpu": "x"}),))


def test_a_pool_that_is_none() -> None:
    with pytest.raises(ConfigError, match=r"other-pods, a: there is no node pool 'smal'; did you mean 'small'\?"):
        judged((SMALL, LARGE), (OtherPods("a", pool="smal"),), made("Deployment"))


# --- whose they are


OWN = OtherPods("shop/web", 3, owner="Deployment/shop/web")


@pytest.mark.parametrize(
    ("kind", "name", "namespace", "verdict"),
    [
        ("Deployment", "web", "shop", "completes"),
        ("Deployment", "web", None, "completes"),
        ("Deployment", "web", "prod", "deadlock"),
        ("Deployment", "api", "shop", "deadlock"),
        ("ReplicaSet", "web", "shop", "completes"),  # it does not roll
    ],
)
def test_pods_of_the_release_are_not_counted_twice(kind: str, name: str, namespace: Any, verdict: str) -> None:
    assert verdicts((SMALL,), (OWN,), made(kind, name, namespace=namespace)) == [verdict]


def test_which_of_two_is_the_release_s_is_not_known() -> None:
    others = (OWN._replace(pods=1), OWN._replace(pods=1, owner="Deployment/prod/web"))
    found = judged((SMALL,), others, made("Deployment"))
    assert [rollout.verdict for rollout in found.workloads] == ["unknown"]
    assert found.uncounted == ("Deployment/prod/web or Deployment/shop/web",)
    # what is short without counting them is short
    assert verdicts((SMALL,), (*others, OtherPods("more", 3)), made("Deployment")) == ["deadlock"]


def test_nodes_that_take_no_new_pods_have_no_room() -> None:
    cordoned = LARGE._replace(name="cordoned", unschedulable=True)
    others = (OtherPods("many", 3, pool="small"), OtherPods("rest", 1, pool="cordoned"))
    found = judged((SMALL, cordoned), others, made("Deployment"))
    assert [rollout.verdict for rollout in found.workloads] == ["deadlock"]
    assert [pool.name for pool in found.pools] == ["small"]


def test_own_pods_on_such_nodes_leave_it_open() -> None:
    # the pod that runs there goes there no more: its successor takes the room that seems to be its own
    cordoned = LARGE._replace(name="cordoned", unschedulable=True)
    others = (OtherPods("many", 3, pool="small"), OWN._replace(pods=1, pool="cordoned"))
    [found] = judged((SMALL, cordoned), others, made("Deployment", namespace="shop")).workloads
    assert found.verdict == "unknown"
    assert found.limit is not None
    assert found.limit.text == "some of its pods are on nodes that take no new ones"


def test_nothing_fits_for_certain_when_something_is_unknown() -> None:
    found = judged((SMALL,), (), made("Deployment"), unknown=("other workloads",))
    assert [rollout.verdict for rollout in found.workloads] == ["unknown"]
    assert found.uncounted == ("other workloads",)
    assert verdicts((SMALL,), (OtherPods("a", 3),), made("Deployment"), unknown=("other workloads",)) == ["deadlock"]


# --- what is there already


def listed(document: Document) -> dict[str, Any]:
    return {**document.mapping, "metadata": {"name": document.name, "namespace": document.namespace}}


QUOTA = plain("ResourceQuota", "q", namespace="shop", spec={"hard": {"pods": "5"}}, status={"used": {"pods": "5"}})


def test_a_quota_of_the_cluster_counts_what_is_used() -> None:
    web = made("Deployment", namespace="shop", replicas=2)
    pools = (SMALL._replace(max_pods=100),)
    assert verdicts(pools, (), web) == ["completes"]
    assert verdicts(pools, (), web, present=(listed(QUOTA),)) == ["deadlock"]


def test_what_the_release_brings_replaces_what_is_there() -> None:
    web = made("Deployment", namespace="shop", replicas=2)
    wider = plain("ResourceQuota", "q", namespace="shop", spec={"hard": {"pods": "50"}})
    assert verdicts((SMALL._replace(max_pods=100),), (), web, wider, present=(listed(QUOTA),)) == ["completes"]


def test_an_autoscaler_of_the_cluster_gives_the_range() -> None:
    there = {**scaler(1, 5).mapping, "metadata": {"name": "web", "namespace": "default"}}
    [found] = judged((SMALL,), (), made("Deployment"), present=(there,)).workloads
    assert [(entry.replicas, entry.verdict) for entry in found.at] == [(1, "completes"), (5, "overflow")]


@pytest.mark.parametrize(
    ("spec", "namespace", "found"),
    [
        ({"maxUnavailable": 0}, "shop", ["maxUnavailable is 0"]),
        ({"minAvailable": 1}, "shop", [f"minAvailable is 1, and there is 1 pod: 1{MINUS}1 ≤ 0"]),
        ({"maxUnavailable": 1}, "shop", []),
        ({"maxUnavailable": 0}, "prod", []),
    ],
)
def test_budgets_of_the_cluster_meet_the_release_s_pods(spec: Any, namespace: str, found: list[str]) -> None:
    budget = plain(
        "PodDisruptionBudget",
        "b",
        "policy/v1",
        namespace=namespace,
        spec={**spec, "selector": {"matchLabels": {"app": "web"}}},
    )
    web, api = (made("Deployment", name, namespace="shop", labels={"app": name}) for name in ("web", "api"))
    blocked = list(blocked_workloads((web, api), Cluster((SMALL,), present=(listed(budget),))))
    assert [(document.name, each.text) for document, each in blocked] == [("web", text) for text in found]


@given(st.integers(0, 2**30))
def test_pods_that_stay_on_a_node_are_places_that_it_does_not_have(seed: int) -> None:
    random = Random(seed)
    pools, without, others = [], [], []
    for number in range(random.choice([1, 2, 3])):
        labels = {"size": random.choice(["small", "large"])}
        slots, cpu = random.randint(2, 5), random.randint(2, 5)
        pool = NodePool(f"p{number}", 1, max_pods=slots, labels=labels, allocatable={"cpu": str(cpu)})
        pinned, on_each = random.randint(0, slots // 2), random.randint(0, 1)
        asks = {"cpu": f"{random.randint(0, 5)}00m"}
        if pinned:
            others.append(OtherPods("pinned", pinned, pool=pool.name, requests=asks))
        others += [OtherPods("each", per_node=True, pool=pool.name, requests=asks)] * on_each
        taken = pinned + on_each
        left = cpu * 1000 - taken * int(asks["cpu"][:-1])
        pools.append(pool)
        without.append(pool._replace(max_pods=slots - taken, allocatable={"cpu": f"{left}m"}))
    documents = []
    for number in range(random.choice([1, 2, 3])):
        pod = {**random.choice([{}, ON_SMALL, ON_LARGE]), **random.choice([{}, ASKS])}
        documents.append(made("Deployment", f"w{number}", pod=pod, replicas=random.randint(1, 3)))
    assert verdicts(tuple(pools), tuple(others), *documents) == verdicts(tuple(without), (), *documents)
