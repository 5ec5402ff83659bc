"""Compares the shipped table of EC2 network limits with another one, and explains each difference.

    python tests/conformance/instance_types.py PATH

PATH is JSON with `fields` and `types`: for each type a row with at least `enis_default_card`, `ipv4_per_eni`, `vcpu`,
`nitro` and `agrees_with_eni_max_pods_txt` (1: the plain sum is the number in AWS's eni-max-pods.txt; 0: it is not, or
the type is not in there). Prints how many types agree, the classes of differences with their reasons, and each type
that no class explains; exits with 1 when there is one. A type that only one table has is a difference too.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from policylint import capacity
from policylint.capacity.limits import eks_limit

OURS = Path(capacity.__file__).with_name("instance_types.json")
METAL = "bare metal: no hypervisor, so not `nitro` there; the VPC CNI hands out prefixes on it, so it is here"


class Row(NamedTuple):
    interfaces: int
    addresses: int
    vcpus: int
    nitro: int


class Comparison(NamedTuple):
    """The names of types: equal in every field, different for a reason, and different without one. `limits` are those
    whose pods per node differ under some policy, with prefixes or without. `unpublished` are those for which AWS
    publishes another number, or none: types with several network cards, whose interfaces that list adds up although
    pods use the default card only, and types that are newer or older than the list."""

    agree: list[str]
    explained: Mapping[str, list[str]]
    unexplained: list[str]
    limits: list[str]
    unpublished: list[str]


def ours() -> dict[str, Row]:
    return {name: Row(*row) for name, row in json.loads(OURS.read_text("utf-8"))["types"].items()}


def theirs(table: Mapping[str, Any]) -> dict[str, Row]:
    names = ("enis_default_card", "ipv4_per_eni", "vcpu", "nitro")
    places = [table["fields"].index(name) for name in names]
    return {name: Row(*(row[place] for place in places)) for name, row in table["types"].items()}


def limit_of(row: Row, *, prefixes: bool, recommended: bool) -> int:
    """The pods per node as templates/al2/runtime/max-pods-calculator.sh in awslabs/amazon-eks-ami has them."""
    pods = row.interfaces * (row.addresses - 1) * (16 if prefixes and row.nitro else 1) + 2
    return min(pods, 110 if row.vcpus <= 30 else 250) if recommended else pods


def differing_limits(name: str, row: Row) -> list[str]:
    """Under which policies the pods per node that we compute are not those of `row`."""
    wanted = {
        "ami": (limit_of(row, prefixes=False, recommended=False), eks_limit(name, policy="ami").pods),
        "recommended": (limit_of(row, prefixes=False, recommended=True), eks_limit(name, policy="recommended").pods),
        "prefixes": (
            limit_of(row, prefixes=True, recommended=True),
            eks_limit(name, prefix_delegation=True, policy="recommended").pods,
        ),
    }
    return [policy for policy, (there, here) in wanted.items() if there != here]


def compare(table: Mapping[str, Any]) -> Comparison:
    mine, other = ours(), theirs(table)
    agree, unexplained, limits = [], [], []
    explained: dict[str, list[str]] = defaultdict(list)
    for name in sorted(mine.keys() | other.keys()):
        here, there = mine.get(name), other.get(name)
        if here is None or there is None:
            unexplained.append(f"{name}: only {'there' if here is None else 'here'}")
            continue
        limits += [f"{name} ({policy})" for policy in differing_limits(name, there)]
        if here == there:
            agree.append(name)
        elif "metal" in name and here._replace(nitro=there.nitro) == there:
            explained[METAL].append(name)
        else:
            unexplained.append(f"{name}: {tuple(here)} here, {tuple(there)} there")
    place = table["fields"].index("agrees_with_eni_max_pods_txt")
    unpublished = [name for name, row in table["types"].items() if not row[place]]
    return Comparison(agree, explained, unexplained, limits, unpublished)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("path", type=Path)
    found = compare(json.loads(parser.parse_args().path.read_text("utf-8")))
    sys.stdout.write("\n".join(told(found)) + "\n")
    return 1 if found.unexplained else 0


def told(found: Comparison) -> Iterator[str]:
    yield f"{len(found.agree)} types agree in interfaces, addresses, vCPUs and Nitro"
    for reason, names in found.explained.items():
        yield f"{len(names)} differ: {reason}"
    yield f"{len(found.unexplained)} differ without a reason"
    yield from (f"  {line}" for line in found.unexplained)
    yield f"{len(found.limits)} limits differ (every type, three policies)"
    yield from (f"  {line}" for line in found.limits)
    yield f"{len(found.unpublished)} plain sums are not in AWS's eni-max-pods.txt: {', '.join(found.unpublished)}"


if __name__ == "__main__":
    sys.exit(main())
