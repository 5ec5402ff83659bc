from typing import Any

import pytest
from made import made, plain, scaler

from policylint.capacity.disruption import blocked_drains
from policylint.capacity.refusals import refusals
from policylint.document.document import Document

WEB = {"app": "web"}


def budget(namespace: Any = None, selector: Any = None, **spec: Any) -> Document:
    spec["selector"] = {"matchLabels": WEB} if selector is None else selector
    return plain("PodDisruptionBudget", "web", "policy/v1", namespace=namespace, spec=spec)


def web(replicas: Any, kind: str = "Deployment", **rest: Any) -> Document:
    return made(kind, labels=WEB, replicas=replicas, **rest)


@pytest.mark.parametrize(
    ("documents", "text"),
    [
        ([budget(minAvailable=1), web(1)], "minAvailable is 1, and there is 1 pod: 1−1 ≤ 0"),  # noqa: RUF001
        ([budget(minAvailable=3), web(2)], "minAvailable is 3, and there are 2 pods: 2−3 ≤ 0"),  # noqa: RUF001
        (
            [budget(minAvailable="67%"), web(3)],
            "minAvailable is 67% of 3 → 3, rounded up, and there are 3 pods: 3−3 ≤ 0",  # noqa: RUF001
        ),
        ([budget(minAvailable="66%"), web(3)], ""),
        ([budget(minAvailable=1), web(2)], ""),
        # the scales of all that are selected add up
        ([budget(minAvailable=2), web(1), web(1, "StatefulSet")], "minAvailable is 2, and there are 2 pods: 2−2 ≤ 0"),  # noqa: RUF001
        ([budget(minAvailable=2), web(1), web(2, "StatefulSet")], ""),
        ([budget(minAvailable=2), web(1), scaler(1, 2)], "minAvailable is 2, and there are 2 pods: 2−2 ≤ 0"),  # noqa: RUF001
        ([budget(minAvailable=1), web(1), scaler(1, 2)], ""),
        ([budget(minAvailable="100%")], "minAvailable is 100%"),
        ([budget(maxUnavailable=0)], "maxUnavailable is 0"),
        ([budget(maxUnavailable="0%"), web(3)], "maxUnavailable is 0%"),
        ([budget(maxUnavailable="1%"), web(1)], ""),
        ([budget(maxUnavailable=1), web(1)], ""),
        # drains leave the pods of DaemonSets where they are
        ([budget(minAvailable=1), made("DaemonSet", labels=WEB)], ""),
        ([budget(minAvailable=1, namespace="other"), web(1)], ""),
        ([budget(minAvailable=1, selector={"matchLabels": {"app": "api"}}), web(1)], ""),
        ([budget(minAvailable=1, selector={}), web(1)], "minAvailable is 1, and there is 1 pod: 1−1 ≤ 0"),  # noqa: RUF001
        ([budget(minAvailable=1), web("many")], ""),
        ([budget(minAvailable="a"), web(1)], ""),
        ([budget(), web(1)], ""),
    ],
)
def test_budgets_that_block_every_drain(documents: list[Document], text: str) -> None:
    assert [found.text for found in blocked_drains(documents)] == ([text] if text else [])


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (made("Deployment", strategy={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}), "maxUnavailable"),
        (made("Deployment", strategy={"rollingUpdate": {"maxSurge": "0%", "maxUnavailable": "0%"}}), "maxUnavailable"),
        (made("Deployment", strategy={"rollingUpdate": {"maxSurge": 0}}), ""),
        (made("Deployment", strategy={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "x"}}), ""),
        (made("Deployment", strategy={"type": "Recreate", "rollingUpdate": {}}), "rollingUpdate"),
        (made("Deployment", strategy={"type": "Other"}), "type"),
        (made("Deployment", api="extensions/v1beta1", strategy={"type": "Other"}), ""),
        (made("DaemonSet", updateStrategy={"rollingUpdate": {"maxSurge": 1}}), "maxSurge"),
        (made("DaemonSet", updateStrategy={"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}), ""),
        (made("DaemonSet", updateStrategy={"type": "OnDelete", "rollingUpdate": {"maxSurge": 1}}), ""),
        (made("StatefulSet", updateStrategy={"type": "OnDelete", "rollingUpdate": {}}), "rollingUpdate"),
        (made("Deployment", progressDeadlineSeconds=30, minReadySeconds=30), "progressDeadlineSeconds"),
        (made("Deployment", progressDeadlineSeconds=31, minReadySeconds=30), ""),
        (made("Deployment", minReadySeconds=600), "minReadySeconds"),
        (scaler(3, 2), "maxReplicas"),
        (scaler(2, 2), ""),
        (budget(minAvailable=1, maxUnavailable=1), "maxUnavailable"),
        (plain("Service", "web", spec={"type": "Other"}), ""),
    ],
)
def test_what_the_api_server_refuses_together(document: Document, path: str) -> None:
    assert [str(found.path[-1]) for found in refusals(document)] == ([path] if path else [])
