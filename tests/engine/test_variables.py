"""Variables and references in rules: what takes their place, where errors point, and that nothing hangs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.context import Context, request_context
from policylint.engine.errors import EvaluationError, MissingVariable
from policylint.engine.references import substitute_references
from policylint.engine.request import Request
from policylint.engine.variables import Template, substitute
from policylint.model import YamlPath

OBJECT = {
    "metadata": {"name": "temp", "annotations": {"test": "name", "target": "foo", "empty": ""}},
    "spec": {"port": "443", "replicas": 3.0, "ratio": -5.5, "on": False, "none": None, "list": ["a", "b"]},
    "map": {"key2": "a<b", "key1": 1.0},
}


def context(**variables: Any) -> Context:
    made = request_context(Request(OBJECT))
    for name, value in variables.items():
        made.add(name, value)
    return made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("{{request.object.metadata.name}}", "temp"),
        ("{{ request.object.spec.replicas }}", 3.0),
        ("{{ request.object.spec.ratio }}", -5.5),
        ("{{ request.object.spec.on }}", False),
        ("{{ request.object.spec.none }}", None),
        ("{{ request.object.spec.list }}", ["a", "b"]),
        ("{{ request.object.map }}", {"key1": 1.0, "key2": "a<b"}),
        ("ns-{{request.object.metadata.name}}-{{ request.object.spec.replicas }}", "ns-temp-3"),
        ("value = {{ request.object.spec.none }}", "value = null"),
        ("is {{ request.object.map }}", 'is {"key1":1,"key2":"a\\u003cb"}'),
        ("{{request.object.metadata.name}}{{request.object.spec.port}}", "temp443"),
        ("é{{request.object.metadata.name}}", "étemp"),
        ("{{request.object.metadata.{{request.object.metadata.annotations.test}}}}", "temp"),
        ("{{ request.object.{a: metadata.name} }}", {"a": "temp"}),
        ("{{ regex_match('(443)', '{{request.object.spec.port}}') }}", True),
        (r"\{{ literal }} {{request.object.metadata.name}}", "{{ literal }} temp"),
        ("{{ unclosed", "{{ unclosed"),
        ("{{request.object.metadata.annotations.empty}}{{request.object.spec.on}}", False),
        ("a }} b {{ 'x' }}", "a }} b x"),
    ],
)
def test_strings(text: str, expected: Any) -> None:
    assert substitute(text, context()) == expected
    assert substitute({"a": [text]}, context()) == {"a": [expected]}


def test_keys_are_substituted_too() -> None:
    rule = {"{{request.object.metadata.name}}-x": 1, "b": {"c": "{{request.object.spec.port}}"}}
    assert substitute(rule, context()) == {"temp-x": 1, "b": {"c": "443"}}
    assert substitute({"{{request.object.spec.none}}": 1}, context()) == {"{{request.object.spec.none}}": 1}
    with pytest.raises(EvaluationError, match="becomes 3, and a key is text"):
        substitute({"{{request.object.spec.replicas}}": 1}, context())


def test_values_are_searched_for_further_variables_except_shallow_and_whole_texts() -> None:
    made = context(template="hello {{ who }}", who="world", holder={"x": ["{{ who }}"]})
    assert substitute("say: {{ template }}", made) == "say: hello world"
    assert substitute("say: {{- template }}", made) == "say: hello {{ who }}"
    assert substitute("{{ template }}", made) == "hello {{ who }}"
    assert substitute("{{- template}}", made) == "hello {{ who }}"
    assert substitute("{{ holder }}", made) == {"x": ["world"]}
    assert made.query("holder") == {"x": ["{{ who }}"]}


def test_delete_reads_the_old_object() -> None:
    old = {"metadata": {"annotations": {"target": "nested", "new": "target"}}}
    deletion = request_context(Request({}, old_resource=old, operation="DELETE"))
    text = "{{request.object.metadata.annotations.{{request.object.metadata.annotations.new}}}}"
    assert substitute(text, deletion) == "nested"


def test_this_place() -> None:
    overlay = {"mutate": {"patchStrategicMerge": {"spec": {"port": "{{@}}", "list": ["{{ @ }}", "x{{@}}"]}}}}
    substituted = substitute(overlay, context())
    assert substituted["mutate"]["patchStrategicMerge"]["spec"] == {"port": "443", "list": ["a", "xb"]}
    target = context(target={"spec": {"port": "80"}})
    assert substitute({"mutate": {"x": {"spec": {"port": "{{@}}"}}}}, target)["mutate"]["x"]["spec"]["port"] == "80"


def test_this_place_counts_from_the_document_whatever_its_own_place() -> None:
    overlay = {"mutate": {"patchStrategicMerge": {"metadata": {"annotations": {"a.b/c": "{{@}}"}}}}}
    made = request_context(Request({"metadata": {"annotations": {"a.b/c": "here"}}}))
    substituted = substitute(overlay, made, path=YamlPath.of("spec", "rules", 0))
    assert substituted["mutate"]["patchStrategicMerge"]["metadata"]["annotations"]["a.b/c"] == "here"


def test_errors_point_at_the_variable() -> None:
    place = YamlPath.of("spec", "rules", 1)
    with pytest.raises(MissingVariable, match=r"request\.object\.metadata\.nope") as missing:
        substitute({"a": [{"b": "x {{request.object.metadata.nope}}"}]}, context(), path=place)
    assert str(missing.value.path) == "spec.rules[1].a[0].b"
    with pytest.raises(EvaluationError, match="invalid JMESPath") as invalid:
        substitute({"a": "{{ a[ }}"}, context(), path=place)
    assert str(invalid.value.path) == "spec.rules[1].a"
    with pytest.raises(MissingVariable) as in_key:
        substitute({"{{ nope }}": 1}, context(), path=place)
    assert in_key.value.path == place / "{{ nope }}"


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("x{{ a }}", {"a": "{{ a }}"}),
        ("x{{ a }}", {"a": "{{ b }}", "b": "{{ a }}"}),
        ("x{{ a }}", {"a": "{{ a }}{{ a }}"}),
        ("{{ a }}", {"a": {"b": "{{ a }}"}}),
        ("{{ a }}", {"a": {"b": "{{ a }}", "c": "{{ a }}"}}),
        ("{{ a }}", {"a": ["{{ a }}"] * 300}),
        ("x{{ a }}", {"a": "y" * 60_000 + "{{ b }}" * 500, "b": "z" * 60_000}),
        ("x" + "{{ a }}" * 30_000, {"a": "y"}),
    ],
)
def test_runaway_variables_end_in_an_error(text: str, variables: dict[str, Any]) -> None:
    with pytest.raises(EvaluationError, match="the variables here"):
        substitute({"rule": text}, context(**variables))


def test_parts_without_variables_are_the_same_objects() -> None:
    static = {"spec": {"containers": [{"name": "*"}]}}
    rule = {"a": static, "b": "{{request.object.metadata.name}}"}
    assert substitute(static, context()) is static
    assert substitute(rule, context())["a"] is static
    assert not Template.of(static).dynamic


def test_a_template_serves_many_contexts() -> None:
    template = Template.of({"name": "{{ x }}", "same": "$(./../other)", "other": "o"})
    assert template.substitute(Context({"x": 1.0})) == {"name": 1.0, "same": "o", "other": "o"}
    assert template.substitute(Context({"x": "y"})) == {"name": "y", "same": "o", "other": "o"}


PATTERN = {
    "spec": {
        "containers": [
            {
                "(name)": "*",
                "resources": {"limits": {"=(memory)": "2Gi"}, "requests": {"memory": "$(<=./../../limits/memory)"}},
            }
        ],
        "replicas": 2,
        "label": r"\$(NOT_ONE) $(/spec/image)",
        "image": "nginx",
    }
}


def test_references_relative_and_absolute() -> None:
    spec = substitute_references(PATTERN)["spec"]
    assert spec["containers"][0]["resources"]["requests"]["memory"] == "<=2Gi"
    assert spec["label"] == "$(NOT_ONE) nginx"
    assert substitute_references({"a": "$(>/b)", "b": 2}) == {"a": ">2.000000", "b": 2}
    assert substitute_references({"(a)": "x$(/b)", "b": "{{ c }}"}) == {"(a)": "x{{ c }}", "b": "{{ c }}"}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"a": "$(/missing)"}, "has no value"),
        ({"a": "$(<=)"}, "names no place"),
        ({"a": "$(/b)", "b": 2}, "is not text"),
        ({"a": "$(/b)", "b": {"c": "d"}}, "is not text"),
        ({"a": "$(</b)", "b": True}, "is not text"),
        ({"a": "$(/b)", "b": None}, "has no value"),
        ({"a": "$(" * 50_000}, "too many references"),
        ({"a": "$(/b) " * 4, "b": "x" * 400_000}, "too long"),
    ],
)
def test_bad_references(document: dict[str, Any], reason: str) -> None:
    with pytest.raises(EvaluationError, match=reason) as error:
        substitute(document, context(), path=YamlPath.of("spec"))
    assert error.value.path == YamlPath.of("spec", "a")


names = st.sampled_from(["name", "kind", "x"])
pieces = st.lists(st.one_of(st.text(st.sampled_from("ab -:/é\\"), max_size=4), names.map(lambda n: f"{{{{ {n} }}}}")))


@given(pieces.map("|".join), st.dictionaries(names, st.text(st.sampled_from("abc"), max_size=3), min_size=3))
def test_interpolation_is_replacement(text: str, values: dict[str, str]) -> None:
    """A restatement for texts without escapes: every variable's text in its place."""
    text = text.replace("\\", "")
    expected = text
    for name, value in values.items():
        expected = expected.replace(f"{{{{ {name} }}}}", value)
    assert substitute(text, Context(values)) == expected


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_characters="{$"), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)


@given(json_values)
def test_whole_values_keep_their_type(value: Any) -> None:
    assert substitute("{{ x }}", Context({"x": value})) == value
    assert substitute({"k": value}, Context()) == {"k": value}
