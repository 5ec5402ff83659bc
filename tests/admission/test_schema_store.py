"""What the API server makes of an object before a webhook sees it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.admission.schema.store import stored
from policylint.admission.schema.table import Schema, schema_of


def cluster_policy() -> Schema:
    schema = schema_of("kyverno.io/v1", "ClusterPolicy")
    assert schema is not None
    return schema


def settle(data: dict[str, Any], api_version: str = "kyverno.io/v1", kind: str = "ClusterPolicy") -> Any:
    schema = schema_of(api_version, kind)
    assert schema is not None
    return stored({"apiVersion": api_version, "kind": kind, **data}, schema)


def test_defaults_are_set_where_their_parent_is() -> None:
    spec = settle({"spec": {"rules": [{"name": "a", "verifyImages": [{"imageReferences": ["*"]}]}]}})["spec"]
    assert spec == {
        "admission": True,
        "background": True,
        "emitWarning": False,
        "validationFailureAction": "Audit",
        "rules": [
            {
                "name": "a",
                "skipBackgroundRequests": True,
                "verifyImages": [
                    {
                        "imageReferences": ["*"],
                        "mutateDigest": True,
                        "required": True,
                        "useCache": True,
                        "verifyDigest": True,
                    }
                ],
            }
        ],
    }


def test_a_default_gets_the_defaults_below_it() -> None:
    spec = settle({"spec": {}}, "policies.kyverno.io/v1", "ImageValidatingPolicy")["spec"]
    assert spec == {"validationConfigurations": {"mutateDigest": True, "required": True, "verifyDigest": True}}


def test_what_is_written_is_kept() -> None:
    rule = {"name": "a", "validate": {"allowExistingViolations": False}, "skipBackgroundRequests": False}
    assert settle({"spec": {"background": False, "rules": [rule]}})["spec"]["rules"] == [rule]


def test_unknown_fields_are_dropped_at_any_depth() -> None:
    data = settle({"unknown": 1, "spec": {"rules": [{"name": "a", "x": 1, "match": {"any": [{"y": 2}]}}]}})
    assert "unknown" not in data
    assert data["spec"]["rules"][0] == {"name": "a", "match": {"any": [{}]}, "skipBackgroundRequests": True}


def test_places_that_keep_everything_are_left_alone() -> None:
    pattern = {"anything": [{"goes": None}], "=(here)": {"x": 1}}
    rule = {"name": "a", "preconditions": [{"z": 1}], "validate": {"pattern": pattern, "foreach": [{"foreach": [1]}]}}
    kept = settle({"spec": {"rules": [rule]}})["spec"]["rules"][0]
    assert kept["preconditions"] == [{"z": 1}]
    assert kept["validate"]["pattern"] is pattern
    assert kept["validate"]["foreach"] == [{"foreach": [1]}]


def test_null_is_as_good_as_absent() -> None:
    spec = settle({"spec": {"background": None, "rules": None, "failurePolicy": None}})["spec"]
    assert spec == {"admission": True, "background": True, "emitWarning": False, "validationFailureAction": "Audit"}


def test_null_is_kept_where_anything_may_be() -> None:
    rule = settle({"spec": {"rules": [{"name": "a", "preconditions": None}]}})["spec"]["rules"][0]
    assert rule == {"name": "a", "preconditions": None, "skipBackgroundRequests": True}


@pytest.mark.parametrize("spec", [None, "text", 3, [], [{}]], ids=repr)
def test_a_wrong_type_stays(spec: Any) -> None:
    settled = settle({"spec": spec})
    assert settled.get("spec") == spec


def test_what_does_not_change_is_shared() -> None:
    data = {"apiVersion": "policies.kyverno.io/v1", "kind": "DeletingPolicy", "spec": {"schedule": "* * * * *"}}
    schema = schema_of("policies.kyverno.io/v1", "DeletingPolicy")
    assert schema is not None
    assert stored(data, schema) is data


def test_the_authors_data_is_not_touched() -> None:
    rule = {"name": "a", "x": 1}
    data = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "spec": {"rules": [rule]}}
    settled = stored(data, cluster_policy())
    assert rule == {"name": "a", "x": 1}
    assert settled["spec"]["rules"][0] == {"name": "a", "skipBackgroundRequests": True}


_KEYS = st.sampled_from(
    ["spec", "rules", "match", "any", "resources", "kinds", "verifyImages", "context", "metadata", "background", "x"]
)
_DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(_KEYS, _DATA, max_size=4))
def test_storing_twice_is_storing_once(data: dict[str, Any]) -> None:
    once = stored(data, cluster_policy())
    assert stored(once, cluster_policy()) == once
