"""The comparison of the shipped table of instance types with another one."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FIELDS = ["enis_default_card", "ipv4_per_eni", "vcpu", "mem_mib", "nitro", "agrees_with_eni_max_pods_txt"]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = Path(__file__).parents[1] / "conformance" / "instance_types.py"
    spec = importlib.util.spec_from_file_location("instance_types", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(script: ModuleType, **changed: Any) -> dict[str, Any]:
    """Our own table as another one would have it, bare metal not called Nitro, with some rows changed."""
    types = {
        name: [row.interfaces, row.addresses, row.vcpus, 0, 0 if "metal" in name else row.nitro, 1]
        for name, row in script.ours().items()
    }
    named = {name.replace("_", "."): row for name, row in changed.items()}
    return {"fields": FIELDS, "types": {**types, **named}}


def test_bare_metal_is_the_only_difference_with_a_reason(script: ModuleType) -> None:
    found = script.compare(table(script))
    assert list(found.explained) == [script.METAL]
    assert len(found.explained[script.METAL]) > 100
    assert found.unexplained == []
    assert found.limits == []


def test_other_differences_are_listed(script: ModuleType) -> None:
    changed = {"t3_small": [3, 6, 2, 2048, 1, 0], "t99_small": [3, 4, 2, 2048, 1, 1]}
    found = script.compare(table(script, **changed))
    assert found.unexplained == ["t3.small: (3, 4, 2, 1) here, (3, 6, 2, 1) there", "t99.small: only there"]
    assert found.limits == ["t3.small (ami)", "t3.small (recommended)"]
    assert found.unpublished == ["t3.small"]
