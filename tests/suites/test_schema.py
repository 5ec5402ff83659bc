from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.model import YamlPath
from policylint.suites import schema


def document(text: str) -> Document:
    [composed] = compose(text)
    assert isinstance(composed, ComposedDocument)
    return Document(Source("kyverno-test.yaml", text), composed.node, composed.base, 0, KUBERNETES, "suite")


def messages(text: str, wanted: schema.Schema = schema.TEST) -> list[tuple[str, str]]:
    return [(str(problem.path), problem.message) for problem in schema.problems(document(text), wanted)]


def test_fields_match_without_regard_to_case() -> None:
    text = "Policies: [a.yaml]\nresults:\n- isMUtatingPolicy: true\n  KIND: Pod\n"
    assert messages(text) == []
    assert schema.canonical(document(text).data, schema.TEST) == {
        "policies": ["a.yaml"],
        "results": [{"isMutatingPolicy": True, "kind": "Pod"}],
    }


def test_an_unknown_field_is_refused_with_the_nearest_one() -> None:
    assert messages("polices: []\nresults:\n- rules: x\n") == [
        ("polices", "there is no field 'polices'; did you mean 'policies'?"),
        ("results[0].rules", "there is no field 'rules'; did you mean 'rule'?"),
    ]


def test_a_wrong_type_is_refused_and_null_is_not() -> None:
    text = "policies: a.yaml\nresources:\nresults:\n- result: yes\n  resources: [1]\n  failOnMissingResources: 'true'\n"
    assert messages(text) == [
        ("policies", "policies takes a list, but is a string"),
        ("results[0].result", "results[0].result takes a string, but is a boolean"),
        ("results[0].resources[0]", "results[0].resources[0] takes a string, but is a number"),
        ("results[0].failOnMissingResources", "results[0].failOnMissingResources takes true or false, but is a string"),
    ]


def test_a_repeated_field_is_refused() -> None:
    [problem] = schema.problems(document("variables: a\nvariables: b\n"), schema.TEST)
    assert (str(problem.path), problem.message, problem.repeated) == (
        "variables",
        "'variables' is already a field here, on line 1",
        True,
    )


def test_values_take_any_value_below_free_keys() -> None:
    text = """
    globalValues: {request.operation: UPDATE, x: {y: [1]}}
    policies:
    - name: p
      resources: [{name: r, values: {a: 1}}]
      rules: [{name: r, values: {a: [1]}, foreachValues: {a: [1, b]}}]
    namespaceSelector: [{name: ns, labels: {a: b}}]
    namespaces: [{apiVersion: v1, kind: Namespace, metadata: {name: ns}}]
    subresources: [{subresource: {name: pods/status, kind: Pod}, parentResource: {name: pods, kind: Pod}}]
    """
    assert messages(text, schema.VALUES) == []
    assert messages("globalValue: {}\n", schema.VALUES) == [
        ("globalValue", "there is no field 'globalValue'; did you mean 'globalValues'?")
    ]


def test_spelled_finds_the_keys_of_the_file() -> None:
    suite = document("Results:\n- Policy: p\n")
    assert schema.spelled(suite, YamlPath.of("results", 0, "policy")) == YamlPath.of("Results", 0, "Policy")
    assert schema.spelled(suite, YamlPath.of("results", 0, "rule")) == YamlPath.of("Results", 0, "rule")
