from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.capacity.eligibility import may_run

LABELS = {"tier": "gpu", "zone": "a"}
TAINT = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}


def required(*expressions: dict[str, Any]) -> dict[str, Any]:
    terms = [{"matchExpressions": [expression]} for expression in expressions]
    wanted = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    return {"affinity": {"nodeAffinity": wanted}}


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": operator, "values": list(values)}


@pytest.mark.parametrize(
    ("pod", "answer"),
    [
        ({}, True),
        ({"nodeSelector": {"tier": "gpu"}}, True),
        ({"nodeSelector": {"tier": "plain"}}, False),
        ({"nodeSelector": {"kubernetes.io/os": "linux"}}, None),
        ({"nodeSelector": {"kubernetes.io/os": "linux", "tier": "plain"}}, False),
        ({"nodeName": "node-1"}, None),
        (required(expression("tier", "In", "gpu", "big")), True),
        (required(expression("tier", "In", "plain")), False),
        (required(expression("tier", "NotIn", "gpu")), False),
        (required(expression("tier", "Exists")), True),
        (required(expression("tier", "DoesNotExist")), False),
        (required(expression("disk", "DoesNotExist")), None),
        (required(expression("zone", "Gt", "1")), None),
        (required(expression("tier", "In", "plain"), expression("zone", "In", "a")), True),
        (required(expression("tier", "In", "plain"), expression("disk", "Exists")), None),
        ({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": None}}}, True),
    ],
)
def test_selectors_and_affinities(pod: dict[str, Any], answer: bool | None) -> None:
    assert may_run(pod, LABELS, ()) is answer


@pytest.mark.parametrize(
    ("toleration", "answer"),
    [
        ({"operator": "Exists"}, True),
        ({"key": "gpu", "operator": "Exists"}, True),
        ({"key": "gpu", "value": "yes"}, True),
        ({"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}, True),
        ({"key": "gpu", "value": "no"}, False),
        ({"key": "gpu"}, False),
        ({"key": "other", "operator": "Exists"}, False),
        ({"key": "gpu", "operator": "Exists", "effect": "NoExecute"}, False),
    ],
)
def test_tolerations(toleration: dict[str, Any], answer: bool) -> None:
    assert may_run({"tolerations": [toleration]}, {}, [TAINT]) is answer


def test_every_taint_that_repels_must_be_tolerated() -> None:
    assert may_run({}, {}, [TAINT]) is False
    assert may_run({}, {}, [{"key": "gpu", "effect": "PreferNoSchedule"}]) is True
    tolerations = [{"key": "gpu", "operator": "Exists"}]
    assert may_run({"tolerations": tolerations}, {}, [TAINT, {"key": "spot", "effect": "NoExecute"}]) is False


values = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                [
                    "nodeSelector",
                    "affinity",
                    "nodeAffinity",
                    "requiredDuringSchedulingIgnoredDuringExecution",
                    "nodeSelectorTerms",
                    "matchExpressions",
                    "key",
                    "operator",
                    "values",
                    "tolerations",
                    "effect",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(st.dictionaries(st.sampled_from(["nodeSelector", "affinity", "tolerations"]), values))
def test_garbage_never_raises(pod: dict[str, Any]) -> None:
    assert may_run(pod, LABELS, [TAINT]) in (True, False, None)
