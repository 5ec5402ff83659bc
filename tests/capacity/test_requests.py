from typing import Any

import pytest
from made import plain

from policylint.capacity.requests import defaults_of, needs_of, shown, whole

MI = 2**20


def container(requests: Any = None, limits: Any = None, **rest: Any) -> dict[str, Any]:
    return {"name": "c", "resources": {"requests": requests, "limits": limits}, **rest}


@pytest.mark.parametrize(
    ("resource", "quantity", "amount"),
    [
        ("cpu", "100m", 100),
        ("cpu", 2, 2000),
        ("cpu", 0.1, 100),
        ("cpu", "1u", 1),
        ("requests.cpu", "2", 2000),
        ("memory", "1Mi", MI),
        ("memory", "128974848", 128974848),
        ("memory", "1.5", 2),
        ("nvidia.com/gpu", 1, 1),
        ("cpu", "a lot", None),
        ("cpu", True, None),
        ("cpu", None, None),
    ],
)
def test_quantities_count_as_the_scheduler_counts_them(resource: str, quantity: object, amount: int | None) -> None:
    assert whole(resource, quantity) == amount


@pytest.mark.parametrize(
    ("pod", "requests"),
    [
        ({}, {}),
        ({"containers": [container({"cpu": "1"}), container({"cpu": "500m"})]}, {"cpu": 1500}),
        # limits stand in for requests
        ({"containers": [container(limits={"cpu": "1", "memory": "1Mi"})]}, {"cpu": 1000, "memory": MI}),
        ({"containers": [container({"cpu": "1"}, {"cpu": "2"})]}, {"cpu": 1000}),
        # an init container runs alone
        ({"containers": [container({"cpu": "1"})], "initContainers": [container({"cpu": "3"})]}, {"cpu": 3000}),
        ({"containers": [container({"cpu": "4"})], "initContainers": [container({"cpu": "3"})]}, {"cpu": 4000}),
        # a sidecar runs on, beside later init containers and the containers
        (
            {
                "containers": [container({"cpu": "1"})],
                "initContainers": [
                    container({"cpu": "2"}),
                    container({"cpu": "1"}, restartPolicy="Always"),
                    container({"cpu": "3"}),
                ],
            },
            {"cpu": 4000},
        ),
        (
            {
                "containers": [container({"cpu": "4"})],
                "initContainers": [container({"cpu": "1"}, restartPolicy="Always")],
            },
            {"cpu": 5000},
        ),
        # resources of the whole pod outrank the sum; the overhead comes on top
        ({"containers": [container({"cpu": "4"})], "resources": {"requests": {"cpu": "2"}}}, {"cpu": 2000}),
        ({"containers": [container({"cpu": "1"})], "resources": {"limits": {"cpu": "3"}}}, {"cpu": 1000}),
        ({"containers": [container()], "resources": {"limits": {"cpu": "3"}}}, {"cpu": 3000}),
        ({"containers": [container({"cpu": "1"})], "overhead": {"cpu": "250m"}}, {"cpu": 1250}),
        ({"containers": "none"}, {}),
    ],
)
def test_effective_requests(pod: dict[str, Any], requests: dict[str, int]) -> None:
    assert needs_of(pod).requests == requests


def test_limits_and_what_is_unset() -> None:
    pod = {"containers": [container({"cpu": "1"}, {"memory": "1Mi"}), {"name": "d"}]}
    needs = needs_of(pod)
    assert needs.limits == {"memory": MI}
    assert needs.unset == {
        "requests.cpu": ("d",),
        "requests.memory": ("d",),
        "limits.cpu": ("c", "d"),
        "limits.memory": ("d",),
    }


def test_what_is_no_quantity_is_named() -> None:
    assert needs_of({"containers": [container({"cpu": "much", "memory": "-1"})]}).wrong == ("cpu: much", "memory: -1")


def test_limit_ranges_fill_in_what_a_container_does_not_say() -> None:
    limits = [
        {"type": "Container", "default": {"cpu": "2"}, "defaultRequest": {"memory": "1Mi"}, "max": {"memory": "2Mi"}},
        {"type": "Pod", "max": {"cpu": "9"}},
    ]
    defaults = defaults_of([plain("LimitRange", "team", spec={"limits": limits})])
    needs = needs_of({"containers": [container()]}, defaults)
    assert (needs.requests, needs.limits) == ({"cpu": 2000, "memory": MI}, {"cpu": 2000, "memory": 2 * MI})
    own = needs_of({"containers": [container(limits={"cpu": "1"})]}, defaults)
    assert (own.requests["cpu"], own.limits["cpu"]) == (1000, 1000)


@pytest.mark.parametrize(
    ("resource", "amount", "text"),
    [
        ("cpu", 1500, "1500m"),
        ("cpu", 2000, "2"),
        ("memory", 3 * 2**30, "3Gi"),
        ("limits.memory", MI + 1, "1048577"),
        ("memory", 0, "0"),
        ("pods", 1024, "1024"),
    ],
)
def test_amounts_are_shown_as_people_write_them(resource: str, amount: int, text: str) -> None:
    assert shown(resource, amount) == text
