import json
from pathlib import Path

import pytest

from policylint import capacity
from policylint.capacity.limits import declared_limit, eks_limit
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


def test_a_declared_limit_is_taken_as_it_is() -> None:
    assert declared_limit(11) == (11, "11 pods (max-pods)")


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
