"""How many pods a node takes, and where the number comes from."""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from policylint.errors import ConfigError

TIMES = "\u00b7"
MINUS = "\u2212"
_PREFIX_ADDRESSES = 16
_HOST_NETWORK_PODS = 2  # aws-node and kube-proxy use the node's own address
_MANY_VCPUS = 30
_PROVIDERS: Mapping[str, tuple[int, str]] = {
    "gke": (110, "the default of GKE Standard"),
    "aks-kubenet": (110, "the default of AKS with kubenet"),
    "aks-azure-cni": (30, "the default of AKS with Azure CNI, node subnet"),
    "aks-azure-cni-overlay": (250, "the default of AKS with Azure CNI Overlay"),
    "k3s": (110, "the default of k3s, which is the kubelet's"),
    "kubelet": (110, "the kubelet's default"),
}


class NodeLimit(NamedTuple):
    """The most pods that one node takes; `text` is the number and the sum that it is the result of.

    `least` is a smaller number that may hold instead, when it is not declared which of two does; else None.
    """

    pods: int
    text: str
    least: int | None = None


def declared_limit(max_pods: int) -> NodeLimit:
    """A limit that the configuration states."""
    return NodeLimit(max_pods, f"{max_pods} pods (max-pods)")


def provider_limit(provider: str) -> NodeLimit:
    """The limit that a platform gives its nodes unless told otherwise. Raises ConfigError for an unknown provider.

    The kubelet: `maxPods` of KubeletConfiguration, SetDefaults_KubeletConfiguration in pkg/kubelet/apis/config/v1beta1
    of kubernetes/kubernetes; k3s does not set it. GKE Standard: "Configure maximum Pods per node" of its documentation
    (110 unless set for the cluster or the pool; Autopilot decides by itself, so give it max-pods). AKS: `maxPods` in
    the documentation of AKSNodeClass (30 with Azure CNI, 250 with its overlay, else 110); the rule
    Azure.AKS.NodeMinPods of Azure/PSRule.Rules.Azure has the same 110 for kubenet and 30 for Azure CNI.
    """
    if provider not in _PROVIDERS:
        raise ConfigError(f"{provider!r} is none of the providers {', '.join(_PROVIDERS)}; give max-pods")
    pods, source = _PROVIDERS[provider]
    return NodeLimit(pods, f"{pods} pods ({source})")


def eks_limit(
    instance_type: str, *, prefix_delegation: bool = False, custom_networking: bool = False, policy: str = ""
) -> NodeLimit:
    """The limit of an EKS node of an EC2 instance type. Raises ConfigError for an unknown type.

    Interfaces of the default network card * (IPv4 addresses of each - 1) + 2, as in misc/eni-max-pods.txt of
    aws/amazon-vpc-cni-k8s. Custom networking leaves the first interface to the node itself. With prefix delegation,
    each address but the first of an interface stands for 16; it needs the Nitro system or bare metal
    (IsPrefixDelegationSupported in pkg/awsutils of the same repository).

    Two policies set the kubelet's max-pods, both in awslabs/amazon-eks-ami. `ami`: the node image takes the plain sum,
    without a ceiling and without regard to prefixes (templates/al2/runtime/bootstrap.sh for AL2, CalcMaxPods in
    nodeadm/internal/kubelet/eni_max_pods.go for AL2023). `recommended`: max-pods-calculator.sh, and with it managed
    node groups, take 110 at most up to 30 vCPUs and 250 above. Prefix delegation is of use only with the latter, which
    is what holds then unless `ami` is declared. Without a policy and without prefixes the larger number is the limit,
    on which a certain shortage may rest, and the smaller its `least`.
    """
    interfaces, addresses, vcpus, nitro = _limits_of(instance_type)
    usable, shown = interfaces, str(interfaces)
    if custom_networking:
        usable, shown = max(0, interfaces - 1), f"({interfaces}{MINUS}1)"
    sum_of = f"{shown}{TIMES}({addresses}{MINUS}1)"
    prefixes = prefix_delegation and bool(nitro)
    note = ", as prefix delegation needs Nitro" if prefix_delegation and not nitro else ""
    if prefixes and policy == "ami":
        prefixes, note = False, ", as the node image sets max-pods without regard to prefixes"
    pods = usable * (addresses - 1)
    if prefixes:
        pods, sum_of = pods * _PREFIX_ADDRESSES, f"{sum_of}{TIMES}{_PREFIX_ADDRESSES}"
    pods, sum_of = pods + _HOST_NETWORK_PODS, f"{sum_of}+{_HOST_NETWORK_PODS}"
    ceiling = 110 if vcpus <= _MANY_VCPUS else 250
    if pods > ceiling and (prefixes or policy == "recommended"):
        pods, sum_of = ceiling, f"min({sum_of}, {ceiling})"
    least = ceiling if pods > ceiling and not policy else None
    return NodeLimit(pods, f"{pods} = {sum_of} pods{note}", least)


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
