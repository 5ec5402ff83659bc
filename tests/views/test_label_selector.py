from typing import Any

import pytest

from policylint.views.label_selector import selects

LABELS = {"app": "web", "tier": "front"}


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("selector", "answer"),
    [
        (None, False),
        ({}, True),
        ({"matchLabels": {"app": "web"}}, True),
        ({"matchLabels": {"app": "web", "zone": "a"}}, False),
        ({"matchLabels": None}, True),
        (expression("app", "In", "web", "api"), True),
        (expression("app", "In", "api"), False),
        (expression("zone", "In", "a"), False),
        (expression("zone", "NotIn", "a"), True),
        (expression("app", "NotIn", "web"), False),
        (expression("tier", "Exists"), True),
        (expression("tier", "DoesNotExist"), False),
        ({"matchLabels": {"app": "api"}, **expression("tier", "Exists")}, False),
        (expression("app", "In"), None),
        (expression("app", "Near", "web"), None),
        ({"matchExpressions": ["app"]}, None),
        ({"matchLabels": "app"}, None),
        ("app=web", None),
    ],
)
def test_selectors(selector: object, answer: bool | None) -> None:
    assert selects(selector, LABELS) is answer
