"""Suites that declare sources of clones and signatures of images."""

from conftest import Write
from policylint.outcome import SuiteOutcome
from policylint.suites.run import run_suite

VERIFY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: signed}
spec:
  rules:
  - name: check
    match: {any: [{resources: {kinds: [Pod]}}]}
    verifyImages:
    - imageReferences: ["registry.example/*"]
      attestors: [{entries: [{keys: {kms: "kms://release"}}]}]
"""
PODS = """\
apiVersion: v1
kind: Pod
metadata: {name: good}
spec: {containers: [{name: a, image: "registry.example/good:1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: bad}
spec: {containers: [{name: a, image: "registry.example/bad:1"}]}
"""
SIGNATURES = f"""\
images:
- image: registry.example/good:1
  digest: sha256:{"a" * 64}
  signedBy: [{{keys: {{kms: "kms://release"}}}}]
- image: registry.example/bad:1
  signedBy: []
"""
ANNOTATED = """\
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: a, annotations: {policylint.dev/signatures: signatures.yaml}}
"""
BODY = "policies: [policy.yaml]\nresources: [resources.yaml]\nresults:\n"
RESULTS = """\
- {policy: signed, rule: check, resources: [good], result: pass}
- {policy: signed, rule: check, resources: [bad], result: fail}
"""


def run(write: Write, suite: str, **files: str) -> SuiteOutcome:
    folder = write({"kyverno-test.yaml": suite, **{f"{name}.yaml": text for name, text in files.items()}})
    return run_suite(folder / "kyverno-test.yaml", shown="kyverno-test.yaml")


def rows(outcome: SuiteOutcome) -> list[tuple[str, str, str]]:
    assert outcome.error is None
    return [(row.resource, row.actual, row.status) for row in outcome.rows]


def test_declared_signatures(write: Write) -> None:
    outcome = run(write, ANNOTATED + BODY + RESULTS, policy=VERIFY, resources=PODS, signatures=SIGNATURES)
    assert rows(outcome) == [
        ("Pod/default/good", "pass", "pass"),
        ("Pod/default/good", "pass", "pass"),
        ("Pod/default/bad", "fail", "pass"),
        ("Pod/default/bad", "fail", "pass"),
    ]
    assert all("nothing cryptographic was checked" in row.reason for row in outcome.rows)


def test_signatures_that_are_not_declared_are_never_a_pass(write: Write) -> None:
    head = "apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\nmetadata: {name: a}\n"
    outcome = run(write, head + BODY + RESULTS, policy=VERIFY, resources=PODS)
    assert {row.status for row in outcome.rows} == {"error"}
    assert all(row.reason.startswith("unsupported: image verification needs a registry") for row in outcome.rows)


def test_wrong_signature_files_are_errors_with_a_line(write: Write) -> None:
    wrong = "images:\n- image: registry.example/good:1\n  signedBy: [{key: x}]\n"
    outcome = run(write, ANNOTATED + BODY + RESULTS, policy=VERIFY, resources=PODS, signatures=wrong)
    assert outcome.error is not None
    assert outcome.error.startswith("signatures.yaml:3: ")
    assert outcome.error_line == 3


def test_a_missing_signature_file_is_an_error(write: Write) -> None:
    outcome = run(write, ANNOTATED + BODY + RESULTS, policy=VERIFY, resources=PODS)
    assert (outcome.error, outcome.error_line) == ("there is no file 'signatures.yaml'", 3)


CLONE = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: sync}
spec:
  rules:
  - name: copy
    match: {any: [{resources: {kinds: [Namespace]}}]}
    generate:
      apiVersion: v1
      kind: Secret
      name: reg
      namespace: "{{request.object.metadata.name}}"
      clone: {name: reg, namespace: default}
"""
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n"
SOURCE = "apiVersion: v1\nkind: Secret\nmetadata: {{name: reg, namespace: {namespace}}}\ndata: {{a: Yg==}}\n"
HEAD = "apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\nmetadata: {name: a}\n"
CLONED = "- policy: sync\n  rule: copy\n  resources: [team]\n  result: pass\n  generatedResource: expected.yaml\n"


def test_clone_sources(write: Write) -> None:
    files = {"source": SOURCE.format(namespace="default"), "expected": SOURCE.format(namespace="team")}
    suite = HEAD + BODY + CLONED + "  cloneSourceResource: source.yaml\n"
    outcome = run(write, suite, policy=CLONE, resources=NAMESPACE, **files)
    assert rows(outcome) == [("Namespace/team", "pass", "pass")]


def test_a_clone_that_differs_shows_how(write: Write) -> None:
    expected = SOURCE.format(namespace="team").replace("Yg==", "Yw==")
    suite = HEAD + BODY + CLONED + "  cloneSourceResource: source.yaml\n"
    source = SOURCE.format(namespace="default")
    outcome = run(write, suite, policy=CLONE, resources=NAMESPACE, source=source, expected=expected)
    assert [row.status for row in outcome.rows] == ["fail"]
    assert "-  a: Yw==\n+  a: Yg==\n" in outcome.rows[0].diff


def test_nothing_generated_is_lenient(write: Write) -> None:
    expected = SOURCE.format(namespace="team")
    outcome = run(write, HEAD + BODY + CLONED, policy=CLONE, resources=NAMESPACE, expected=expected)
    assert rows(outcome) == [("Namespace/team", "excluded", "lenient")]
    assert outcome.rows[0].reason == (
        "nothing was generated; the source Secret default/reg is not declared: name its file as cloneSourceResource;"
        " upstream passes such rows whatever they expect: correct the rule, or expect `skip`"
    )


def test_a_missing_clone_source_is_an_error(write: Write) -> None:
    suite = HEAD + BODY + CLONED + "  cloneSourceResource: gone.yaml\n"
    outcome = run(write, suite, policy=CLONE, resources=NAMESPACE, expected=SOURCE.format(namespace="team"))
    assert outcome.error == "there is no file 'gone.yaml'"
