"""Writes the table of kinds that clusters know, which admission/kinds reads.

    python tools/make_kinds.py PRESENCE [--out FILE]

Scope and subresources come from the paths in the installed `kubernetes` client's API classes (PyPI, Apache-2.0), run
with the newest; PRESENCE is a JSON file `{"<group>/<version>/<Kind>": [first, last Kubernetes minor], ...}`. Kinds of
releases that the client has left behind get the scope of the same kind in another version, or the one named here. The
kinds of Kyverno 1.19, policy-controller and the report APIs are listed here, those of other projects in
known_crds.yaml. Nothing is downloaded.

The table is `{"kinds": {"<group>": {"<Kind>": {"namespaced", "subresources", "versions": {version: [first, last]}}}},
"elsewhere": {"<group>": {"<Kind>": namespaced}}}`; versions without releases have null.
"""

import argparse
import json
import re
import sys
from importlib import import_module
from importlib.metadata import version as installed
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import yaml

_CALL = re.compile(
    r"""'(?:200|201)': "(?P<kind>\w+)"|method='(?P<method>\w+)',\s+resource_path='(?P<path>[^']+)'""", re.MULTILINE
)
_PATH = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/(?P<version>[^/]+)(?P<namespaced>/namespaces/\{namespace\})?"
    r"/(?P<plural>[a-z]+)(?:/\{name\}(?:/(?P<sub>[a-z]+))?)?\Z"
)
# `/api/v1/namespaces/{name}` and its subresources are about namespaces themselves
_CLUSTER_SCOPED = (
    "ClusterCIDR",
    "ResourceClass",
    "StorageVersionMigration",
)
_NAMESPACED = (
    "PodScheduling",
    "PodSchedulingContext",
    "ResourceClaimParameters",
    "ResourceClassParameters",
    "Workload",
    "PodGroup",
)
_STATUS = ("status",)
_POLICIES = ("DeletingPolicy", "GeneratingPolicy", "ImageValidatingPolicy", "MutatingPolicy", "ValidatingPolicy")
_CUSTOM: dict[str, dict[str, tuple[bool, tuple[str, ...], tuple[str, ...]]]] = {
    "kyverno.io": {
        "ClusterPolicy": (False, ("v1", "v2beta1"), _STATUS),
        "Policy": (True, ("v1", "v2beta1"), _STATUS),
        "CleanupPolicy": (True, ("v2", "v2beta1", "v2alpha1"), _STATUS),
        "ClusterCleanupPolicy": (False, ("v2", "v2beta1", "v2alpha1"), _STATUS),
        "GlobalContextEntry": (False, ("v2", "v2beta1", "v2alpha1"), _STATUS),
        "PolicyException": (True, ("v2", "v2beta1", "v2alpha1"), ()),
        "UpdateRequest": (True, ("v2", "v1beta1"), _STATUS),
        "AdmissionReport": (True, ("v2", "v1alpha2"), ()),
        "BackgroundScanReport": (True, ("v2", "v1alpha2"), ()),
        "ClusterAdmissionReport": (False, ("v2", "v1alpha2"), ()),
        "ClusterBackgroundScanReport": (False, ("v2", "v1alpha2"), ()),
    },
    "policies.kyverno.io": {
        **dict.fromkeys(_POLICIES, (False, ("v1", "v1beta1", "v1alpha1"), _STATUS)),
        **dict.fromkeys((f"Namespaced{kind}" for kind in _POLICIES), (True, ("v1", "v1beta1"), _STATUS)),
        "PolicyException": (True, ("v1", "v1beta1", "v1alpha1"), ()),
    },
    "reports.kyverno.io": {
        "EphemeralReport": (True, ("v1",), ()),
        "ClusterEphemeralReport": (False, ("v1",), ()),
    },
    "wgpolicyk8s.io": {
        "PolicyReport": (True, ("v1alpha2", "v1beta1", "v1alpha1"), ()),
        "ClusterPolicyReport": (False, ("v1alpha2", "v1beta1", "v1alpha1"), ()),
    },
    "openreports.io": {
        "Report": (True, ("v1alpha1",), ()),
        "ClusterReport": (False, ("v1alpha1",), ()),
    },
    "policy.sigstore.dev": {
        "ClusterImagePolicy": (False, ("v1beta1", "v1alpha1"), _STATUS),
        "TrustRoot": (False, ("v1alpha1",), _STATUS),
    },
    "metrics.k8s.io": {
        "NodeMetrics": (False, ("v1beta1",), ()),
        "PodMetrics": (True, ("v1beta1",), ()),
    },
}


class Resource:
    """What the client's paths say of one resource."""

    def __init__(self) -> None:
        self.kind = ""
        self.namespaced = False
        self.subresources: set[str] = set()


def resources() -> dict[tuple[str, str, str], Resource]:
    """The client's resources by group, version and plural."""
    import kubernetes.client.api as package

    found: dict[tuple[str, str, str], Resource] = {}
    for module in iter_modules(package.__path__):
        file = import_module(f"{package.__name__}.{module.name}").__file__
        kind = ""
        for match in _CALL.finditer(Path(file or "").read_text()):
            if match["kind"]:
                kind = match["kind"]
                continue
            path = _PATH.match(
                match["path"].replace("/{path}", "").replace("/api/v1/namespaces/{name}", "/api/v1/ns/{name}")
            )
            if path is None or path["version"] == "{version}":
                continue
            plural = "namespaces" if path["plural"] == "ns" else path["plural"]
            resource = found.setdefault((path["group"] or "", path["version"], plural), Resource())
            resource.namespaced = resource.namespaced or bool(path["namespaced"])
            if path["sub"]:
                resource.subresources.add(path["sub"])
            elif match["method"] in ("GET", "POST"):
                resource.kind = kind.removesuffix("List") or resource.kind
    return found


def named(type_name: str, version: str, kinds: list[str]) -> str:
    """The kind that a class of the client such as `V1Pod` or `CoreV1Event` is for."""
    text = type_name.lower()
    fitting = [kind for kind in kinds if text.endswith(f"{version}{kind}".lower())]
    return fitting[0] if fitting else ""


def builtin(presence: dict[str, list[str]]) -> dict[str, dict[str, dict[str, Any]]]:
    by_version: dict[tuple[str, str], list[str]] = {}
    for gvk in presence:
        group, version, kind = gvk.split("/")
        by_version.setdefault((group, version), []).append(kind)
    table: dict[str, dict[str, dict[str, Any]]] = {}
    for (group, version, plural), resource in sorted(resources().items()):
        kind = named(resource.kind, version, by_version.get((group, version), []))
        if not kind:
            sys.stderr.write(f"left out: {group}/{version} {plural} ({resource.kind or 'no kind'})\n")
            continue
        entry = table.setdefault(group, {}).setdefault(kind, {"namespaced": False, "subresources": [], "versions": {}})
        entry["namespaced"] = resource.namespaced
        entry["subresources"] = sorted({*entry["subresources"], *resource.subresources})
    for gvk, releases in presence.items():
        group, version, kind = gvk.split("/")
        entry = table.get(group, {}).get(kind, {})
        if not entry and kind in (*_CLUSTER_SCOPED, *_NAMESPACED):
            entry = {"namespaced": kind in _NAMESPACED, "subresources": ["status"], "versions": {}}
            table.setdefault(group, {})[kind] = entry
        if not entry:
            sys.stderr.write(f"no resource of its own: {gvk}\n")
        else:
            entry["versions"][version] = [int(minor.partition(".")[2]) for minor in releases]
    return table


def elsewhere(path: Path) -> dict[str, dict[str, bool]]:
    found: dict[str, dict[str, bool]] = {}
    for group, scopes in yaml.safe_load(path.read_text()).items():
        every = scopes.get("every")
        kinds = {"*": every != "cluster"} if every else {}
        kinds |= dict.fromkeys(scopes.get("namespaced", ()), True)
        kinds |= dict.fromkeys(scopes.get("cluster", ()), False)
        found[group] = kinds
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presence", type=Path)
    default = Path(__file__).parent.parent / "src/policylint/admission/kinds/kinds.json"
    parser.add_argument("--out", type=Path, default=default)
    arguments = parser.parse_args()
    table = builtin(json.loads(arguments.presence.read_text()))
    for group, kinds in _CUSTOM.items():
        table[group] = {
            kind: {"namespaced": namespaced, "subresources": list(subresources), "versions": dict.fromkeys(versions)}
            for kind, (namespaced, versions, subresources) in kinds.items()
        }
    source = f"kubernetes client {installed('kubernetes')}; Kyverno 1.19; policy-controller 0.13"
    data = {"source": source, "kinds": table, "elsewhere": elsewhere(Path(__file__).with_name("known_crds.yaml"))}
    arguments.out.write_text(json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n")
    count = sum(len(kinds) for kinds in table.values())
    sys.stdout.write(f"{arguments.out}: {count} kinds, {arguments.out.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
