"""How many pods a node takes, and where the number comes from."""

from functools import cache
from typing import NamedTuple

from policylint.errors import ConfigError

TIMES = "\u00b7"
MINUS = "\u2212"
_PREFIX_ADDRESSES = 16
_HOST_NETWORK_PODS = 2  # aws-node and kube-proxy use the node's own address
_MANY_VCPUS = 30


class NodeLimit(NamedTuple):
    """The most pods that one node takes; `text` is the number and the sum that it is the result of."""

    pods: int
    text: str


def declared_limit(max_pods: int) -> NodeLimit:
    """A limit that the configuration states."""
    return NodeLimit(max_pods, f"{max_pods} pods (max-pods)")


def eks_limit(instance_type: str, *, prefix_delegation: bool = False) -> NodeLimit:
    """The limit of an EKS node of an EC2 instance type. Raises ConfigError for an unknown type.

    Interfaces of the default network card * (IPv4 addresses of each - 1) + 2, as in misc/eni-max-pods.txt of
    aws/amazon-vpc-cni-k8s. With prefix delegation, which needs the Nitro system, each address but the first of an
    interface stands for 16, and the limit is that of max-pods-calculator.sh in awslabs/amazon-eks-ami: 110 up to 30
    vCPUs, 250 above. That ceiling also holds for managed node groups without prefix delegation; it is left out there,
    because not every node has it and the larger number is the one that a certain verdict may rest on.
    """
    interfaces, addresses, vcpus, nitro = _limits_of(instance_type)
    per_interface = addresses - 1
    usable = f"{interfaces}{TIMES}({addresses}{MINUS}1)"
    if not (prefix_delegation and nitro):
        pods = interfaces * per_interface + _HOST_NETWORK_PODS
        note = ", as prefix delegation needs Nitro" if prefix_delegation else ""
        return NodeLimit(pods, f"{pods} = {usable}+{_HOST_NETWORK_PODS} pods{note}")
    ceiling = 110 if vcpus <= _MANY_VCPUS else 250
    pods = min(interfaces * per_interface * _PREFIX_ADDRESSES + _HOST_NETWORK_PODS, ceiling)
    usable = f"{usable}{TIMES}{_PREFIX_ADDRESSES}+{_HOST_NETWORK_PODS}"
    sum_of = f"min({usable}, {ceiling})" if pods == ceiling else usable
    return NodeLimit(pods, f"{pods} = {sum_of} pods")


def _limits_of(instance_type: str) -> list[int]:
    source, types = _table()
    if instance_type not in types:
        import difflib

        near = difflib.get_close_matches(instance_type, types, n=3)
        suggestion = f"did you mean {' or '.join(near)}? Otherwise give" if near else "give"
        raise ConfigError(f"{instance_type!r} is not an EC2 instance type in {source}; {suggestion} max-pods")
    return types[instance_type]


@cache
def _table() -> tuple[str, dict[str, list[int]]]:
    """Where the table of tools/make_instance_types.py is from, and its rows; read when first needed."""
    import json
    from pathlib import Path

    table = json.loads(Path(__file__).with_name("instance_types.json").read_text(encoding="utf-8"))
    return table["source"], table["types"]
