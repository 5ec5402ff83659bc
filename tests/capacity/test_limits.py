import json
from pathlib import Path
from typing import Any

import pytest

from policylint import capacity
from policylint.capacity.limits import declared_limit, eks_limit, provider_limit
from policylint.config import PROVIDERS
from policylint.errors import ConfigError

TABLE = json.loads(Path(capacity.__file__).with_name("instance_types.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("instance_type", "pods", "delegated"),
    [
        ("t2.small", 11, 11),
        ("t3.nano", 4, 34),
        ("t3.small", 11, 110),
        ("t3.medium", 17, 110),
        ("t3.large", 35, 110),
        ("t3a.small", 8, 98),
        ("m4.large", 20, 20),
        ("m5.large", 29, 110),
        ("m5.4xlarge", 234, 110),
        ("m5.8xlarge", 234, 250),
        ("m6g.medium", 8, 98),
        ("c5.18xlarge", 737, 250),
        ("m5.metal", 737, 250),
        # several network cards: only the default one counts
        ("p4d.24xlarge", 737, 250),
        ("p5.48xlarge", 100, 250),
        ("i7ie.48xlarge", 394, 250),
    ],
)
def test_known_instance_types(instance_type: str, pods: int, delegated: int) -> None:
    assert eks_limit(instance_type).pods == pods
    assert eks_limit(instance_type, prefix_delegation=True).pods == delegated


@pytest.mark.parametrize(
    ("instance_type", "delegation", "text"),
    [
        ("t3.small", False, "11 = 3·(4−1)+2 pods"),  # noqa: RUF001
        ("t3.small", True, "110 = min(3·(4−1)·16+2, 110) pods"),  # noqa: RUF001
        ("t3.nano", True, "34 = 2·(2−1)·16+2 pods"),  # noqa: RUF001
        ("t2.small", True, "11 = 3·(4−1)+2 pods, as prefix delegation needs Nitro"),  # noqa: RUF001
    ],
)
def test_a_limit_says_what_sum_it_is(instance_type: str, delegation: bool, text: str) -> None:
    assert eks_limit(instance_type, prefix_delegation=delegation).text == text


@pytest.mark.parametrize(
    ("instance_type", "given", "pods", "text"),
    [
        # the node image: a plain sum; AWS's calculator and managed node groups: a ceiling by vCPUs
        ("t3.small", {"policy": "ami"}, 11, "11 = 3·(4−1)+2 pods"),  # noqa: RUF001
        ("t3.small", {"policy": "recommended"}, 11, "11 = 3·(4−1)+2 pods"),  # noqa: RUF001
        ("m5.4xlarge", {"policy": "ami"}, 234, "234 = 8·(30−1)+2 pods"),  # noqa: RUF001
        ("m5.4xlarge", {"policy": "recommended"}, 110, "110 = min(8·(30−1)+2, 110) pods"),  # noqa: RUF001
        ("c5.9xlarge", {"policy": "recommended"}, 234, "234 = 8·(30−1)+2 pods"),  # noqa: RUF001
        ("m5.24xlarge", {"policy": "recommended"}, 250, "250 = min(15·(50−1)+2, 250) pods"),  # noqa: RUF001
        # the node image does not know of prefixes
        (
            "t3.small",
            {"policy": "ami", "prefix_delegation": True},
            11,
            "11 = 3·(4−1)+2 pods, as the node image sets max-pods without regard to prefixes",  # noqa: RUF001
        ),
        # the first interface is not used for pods
        ("t3.small", {"custom_networking": True}, 8, "8 = (3−1)·(4−1)+2 pods"),  # noqa: RUF001
        ("t3.nano", {"custom_networking": True}, 3, "3 = (2−1)·(2−1)+2 pods"),  # noqa: RUF001
        (
            "t3.small",
            {"custom_networking": True, "prefix_delegation": True},
            98,
            "98 = (3−1)·(4−1)·16+2 pods",  # noqa: RUF001
        ),
        # bare metal hands out prefixes too
        ("m5.metal", {"prefix_delegation": True}, 250, "250 = min(15·(50−1)·16+2, 250) pods"),  # noqa: RUF001
    ],
)
def test_policies_and_custom_networking(instance_type: str, given: dict[str, Any], pods: int, text: str) -> None:
    assert eks_limit(instance_type, **given) == (pods, text, None)


def test_a_limit_that_hangs_on_an_undeclared_policy_has_a_smaller_one_beside_it() -> None:
    assert eks_limit("m5.4xlarge").least == 110
    assert eks_limit("m5.24xlarge").least == 250
    assert eks_limit("c5.9xlarge").least is None
    assert eks_limit("t3.small").least is None
    assert eks_limit("m5.4xlarge", prefix_delegation=True).least is None


@pytest.mark.parametrize(
    ("provider", "pods"),
    [
        ("gke", 110),
        ("aks-kubenet", 110),
        ("aks-azure-cni", 30),
        ("aks-azure-cni-overlay", 250),
        ("k3s", 110),
        ("kubelet", 110),
    ],
)
def test_defaults_of_platforms(provider: str, pods: int) -> None:
    limit = provider_limit(provider)
    assert limit.pods == pods
    assert limit.text.startswith(f"{pods} pods (the ")


def test_every_provider_of_the_configuration_has_a_limit() -> None:
    assert all(provider_limit(provider).pods for provider in PROVIDERS)
    with pytest.raises(ConfigError, match="'eks' is none of the providers gke, aks-kubenet"):
        provider_limit("eks")


def test_a_declared_limit_is_taken_as_it_is() -> None:
    assert declared_limit(11) == (11, "11 pods (max-pods)", None)


def test_an_unknown_type_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"'t3\.smal' is not an EC2 instance type in moto .*; did you mean t3\.small"):
        eks_limit("t3.smal")
    with pytest.raises(ConfigError, match=r"'Standard_D2s_v5' is not .*; give max-pods"):
        eks_limit("Standard_D2s_v5")


def test_every_row_of_the_table_is_usable() -> None:
    assert len(TABLE["types"]) > 1000
    for interfaces, addresses, vcpus, nitro in TABLE["types"].values():
        assert interfaces >= 1
        assert addresses >= 2
        assert vcpus >= 1
        assert nitro in (0, 1)
