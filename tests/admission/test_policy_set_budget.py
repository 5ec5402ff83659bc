"""The estimate of what verifying images takes; which lines are marked, the fixtures say."""

import pytest
from kyverno_objects import document

from policylint.admission.policy_set.budget import Pace, problems
from policylint.admission.policy_set.pods import Pod

PACE = Pace(images=3, round_trips=9, seconds=0.25)
KEY = "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n"


def kyverno(entry: str, webhook: str = "{}", name: str = "signed") -> str:
    return (
        f"apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {{name: {name}}}\nspec:\n"
        f"  webhookConfiguration: {webhook}\n  rules:\n  - name: r\n    verifyImages:\n    - {entry}\n"
    )


def entries(count: int) -> str:
    return "{entries: [" + ", ".join(["{keys: {kms: k}}"] * count) + "]}"


def said(texts: list[str], pods: set[Pod], pace: Pace = PACE) -> list[str]:
    return [problem.message for _, problem in problems([document(text) for text in texts], pods, pace)]


def pod(*images: str) -> Pod:
    return ((), images, ())


def test_the_message_has_the_whole_product() -> None:
    entry = f"{{imageReferences: ['ghcr.io/*'], attestors: [{entries(2)}], attestations: [{{type: a}}, {{type: b}}]}}"
    (message,) = said([kyverno(entry, "{timeoutSeconds: 15}")], {pod("ghcr.io/a:1", "ghcr.io/b:1", "quay.io/c:1")})

    assert message == (
        "estimate: 2 images x (2 attestors + 2 attestations) x 9 round trips x 0.25 s = 18 s for the pod with the most;"
        " the API server waits 15 s for the webhook"
    )


def test_the_pod_with_the_most_images_counts() -> None:
    entry = f"{{imageReferences: ['ghcr.io/*'], attestors: [{entries(1)}]}}"
    many = pod(*(f"ghcr.io/{number}:1" for number in range(5)))

    assert said([kyverno(entry)], {pod("ghcr.io/a:1")}) == []
    (message,) = said([kyverno(entry)], {pod("ghcr.io/a:1"), many})
    assert message.startswith("estimate: 5 images x 1 attestor x 9 round trips x 0.25 s = 11.25 s")


@pytest.mark.parametrize(
    ("attestors", "checks"),
    [
        (f"[{entries(2)}, {entries(3)}]", 5),
        ("[{entries: [{attestor: {entries: [{keys: {}}, {keyless: {}}]}}, {certificates: {}}]}]", 3),
        (f"[{{entries: [{{keys: {{publicKeys: {KEY + KEY!r}}}}}]}}]".replace("'", '"'), 2),
    ],
)
def test_attestors_that_are_asked_in_turn_are_counted(attestors: str, checks: int) -> None:
    entry = f"{{imageReferences: ['*'], attestors: {attestors}}}"
    (message,) = said([kyverno(entry)], {pod("a:1")}, PACE._replace(seconds=10))

    assert message.startswith(f"estimate: 1 image x {checks} attestors x")


def test_a_shared_webhook_waits_for_the_longest_of_its_policies() -> None:
    entry = f"{{imageReferences: ['*'], attestors: [{entries(6)}]}}"
    patient = kyverno("{imageReferences: ['*']}", "{timeoutSeconds: 30}", "patient")
    ignoring = kyverno("{imageReferences: ['*']}", "{timeoutSeconds: 30, failurePolicy: Ignore}", "ignoring")
    own = kyverno(entry, "{matchConditions: [{name: a, expression: 'true'}]}")

    assert said([kyverno(entry), patient], {pod("a:1")}) == []
    assert len(said([kyverno(entry), ignoring], {pod("a:1")})) == 1
    assert len(said([own, patient], {pod("a:1")})) == 1
    assert said([kyverno(entry, "{timeoutSeconds: 3}")], {pod("a:1")})[0].endswith("waits 10 s for the webhook")


def test_the_images_are_assumed_where_none_is_known() -> None:
    entry = f"{{imageReferences: ['ghcr.io/*'], attestors: [{entries(2)}]}}"

    (message,) = said([kyverno(entry)], {pod("quay.io/a:1")})
    assert "3 images x 2 attestors x 9 round trips x 0.25 s = 13.5 s for a pod with so many" in message
    assert said([kyverno(entry)], set(), PACE._replace(images=2)) == []


def test_images_that_cannot_be_read_are_not_counted() -> None:
    entry = f"{{imageReferences: ['*'], attestors: [{entries(3)}]}}"

    assert said([kyverno(entry)], {pod("a:1", "UPPER", "b c", "{{ image }}")}) == []


@pytest.mark.parametrize(
    "spec", ["[]", "7", "{rules: 7}", "{rules: [7]}", "{rules: [{verifyImages: [7, {attestors: 7}]}]}"]
)
def test_garbage_costs_nothing(spec: str) -> None:
    assert said([f"apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {{}}\nspec: {spec}\n"], {pod("a:1")}) == []
