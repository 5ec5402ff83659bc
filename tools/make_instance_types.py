"""Write the table of EC2 network limits, `src/policylint/capacity/instance_types.json`.

    python tools/make_instance_types.py [path of an instance_types.json.gz or of a moto wheel]

Without a path the installed `moto` is read; nothing is downloaded. What goes into the table are facts that EC2's
DescribeInstanceTypes publishes: how many network interfaces the *default network card* takes (EKS uses no other card;
the sum over all cards would be wrong for the types with several), how many IPv4 addresses an interface takes, the
number of vCPUs, and whether the type is of the Nitro system, bare metal included: prefix delegation needs it.
"""

import gzip
import json
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

MEMBER = "moto/ec2/resources/instance_types.json.gz"
TARGET = Path(__file__).resolve().parent.parent / "src" / "policylint" / "capacity" / "instance_types.json"
FIELDS = ["network interfaces of the default card", "IPv4 addresses of an interface", "vCPUs", "Nitro"]


def read(arguments: list[str]) -> tuple[str, dict[str, Any]]:
    """Where the data is from, and moto's table."""
    if not arguments:
        distribution = metadata.distribution("moto")
        return f"moto {distribution.version}", unpack(Path(str(distribution.locate_file(MEMBER))).read_bytes())
    path = Path(arguments[0])
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return f"moto {path.name.split('-')[1]}", unpack(wheel.read(MEMBER))
    return f"moto, {path.name}", unpack(path.read_bytes())


def unpack(data: bytes) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(gzip.decompress(data))
    return table


def limits(facts: dict[str, Any]) -> list[int]:
    network = facts["NetworkInfo"]
    default = network["DefaultNetworkCardIndex"]
    [card] = [card for card in network["NetworkCards"] if card["NetworkCardIndex"] == default]
    nitro = facts.get("Hypervisor") == "nitro" or facts["BareMetal"]
    return [
        card["MaximumNetworkInterfaces"],
        network["Ipv4AddressesPerInterface"],
        facts["VCpuInfo"]["DefaultVCpus"],
        int(nitro),
    ]


def main() -> None:
    source, table = read(sys.argv[1:])
    rows = [f"  {json.dumps(name)}: {json.dumps(limits(table[name]), separators=(',', ':'))}" for name in sorted(table)]
    head = f'{{\n "source": {json.dumps(source)},\n "fields": {json.dumps(FIELDS)},\n "types": {{\n'
    TARGET.write_text(head + ",\n".join(rows) + "\n }\n}\n", encoding="utf-8")
    sys.stdout.write(f"{len(rows)} instance types from {source}\n")


if __name__ == "__main__":
    main()
