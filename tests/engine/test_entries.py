"""Context entries: what a suite declares for them, when they are loaded, and what is said when they cannot be."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from policylint.engine.context import Context, request_context
from policylint.engine.entries import ApiResponse, Backends, RuleValues, load_entries, resolve_global_entry
from policylint.engine.errors import EvaluationError, MissingVariable
from policylint.engine.request import Request
from policylint.model import YamlPath

POD = {"kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"image": "nginx:1"}}
NOTHING = Backends()
PLACE = YamlPath.of("spec", "rules", 0, "context")


def loaded(entries: Sequence[Mapping[str, Any]], backends: Backends = NOTHING, **options: Any) -> Context:
    context = request_context(Request(POD))
    load_entries(entries, context, backends, policy="p", rule=options.pop("rule", "r"), path=PLACE, **options)
    return context


def variable(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "variable": fields}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"value": "x-{{ request.object.metadata.name }}"}, "x-web"),
        ({"value": {"a": 1}}, {"a": 1.0}),
        ({"value": {"a": [1, 2]}, "jmesPath": "sum(a)"}, 3.0),
        ({"value": {"a": 1}, "jmesPath": "b", "default": "d"}, "d"),
        ({"jmesPath": "request.object.metadata.name"}, "web"),
        ({"jmesPath": "request.object.metadata.{{ 'name' }}"}, "web"),
        ({"jmesPath": "request.object.metadata.labels", "default": {}}, {}),
        ({"jmesPath": "request.object.metadata.labels || `null`", "default": "d"}, "d"),
        ({"default": "{{ request.namespace }}"}, "shop"),
    ],
)
def test_variables(fields: dict[str, Any], expected: Any) -> None:
    assert loaded([variable("v", **fields)]).query("v") == expected


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"jmesPath": "request.object.nope"}, "nope"),
        ({"value": {"a": 1}, "jmesPath": "b"}, "b"),
        ({"jmesPath": "a["}, "invalid JMESPath"),
        ({"jmesPath": 3}, "jmesPath becomes something that is not text"),
        ({"jmesPath": "v"}, "v"),
        ({}, "is null"),
    ],
)
def test_variables_that_fail_are_missing_and_the_query_says_why(fields: dict[str, Any], reason: str) -> None:
    context = loaded([variable("v", **fields)])
    with pytest.raises(MissingVariable, match=rf'"v".*\(.*{reason}') as error:
        context.query("v.x")
    assert "v" in error.value.message
    assert context.query("v || 'other'") == "other"


def test_entries_use_those_before_them_in_any_order_of_queries() -> None:
    entries = [
        variable("one", value="1"),
        variable("two", value="{{ one }}2"),
        variable("three", jmesPath="join('', [two, '3'])"),
    ]
    assert loaded(entries).query("three") == "123"
    assert loaded(list(reversed(entries))).query("one") == "1"


def test_a_variable_replaces_what_has_its_name() -> None:
    entries = [variable("v", value={"a": 1}), variable("v", value={"b": 2})]
    assert loaded(entries).query("v") == {"b": 2.0}


CONFIG_MAP = {"metadata": {"name": "settings", "namespace": "shop"}, "data": {"roles": '["a"]'}}


def test_config_maps() -> None:
    entry = {"name": "conf", "configMap": {"name": "settings", "namespace": "{{ request.namespace }}"}}
    backends = Backends(config_maps={("shop", "settings"): CONFIG_MAP, ("default", "settings"): {"data": {"x": "y"}}})
    assert loaded([entry], backends).query("conf.data.roles") == '["a"]'
    assert loaded([entry], backends).query("conf.metadata.name") == "settings"
    assert loaded([{"name": "conf", "configMap": {"name": "settings"}}], backends).query("conf.data") == {"x": "y"}
    missing = {"name": "conf", "configMap": {"name": "other", "namespace": "shop"}}
    with pytest.raises(MissingVariable, match="there is no ConfigMap shop/other"):
        loaded([missing], backends).query("conf.data")


@pytest.mark.parametrize("kind", ["configMap", "apiCall", "imageRegistry", "globalReference"])
def test_an_entry_without_a_backend_is_not_loaded(kind: str) -> None:
    context = loaded([{"name": "x", kind: {"name": "n", "reference": "r", "urlPath": "/u"}}])
    with pytest.raises(MissingVariable) as error:
        context.query("x")
    assert "(" not in error.value.message


def test_values_of_the_rule_come_before_its_entries() -> None:
    values = RuleValues({"conf.data.roles": "declared", "n": 1, "request.object.metadata.name": "other"})
    backends = Backends({("p", "r"): values})
    context = loaded([variable("v", value="{{ conf.data.roles }}-{{ n }}")], backends)
    assert context.query("v") == "declared-1"
    assert context.query("request.object.metadata") == {"name": "other", "namespace": "shop"}
    assert context.query("n") == 1.0


@pytest.mark.parametrize(
    ("rule", "found"), [("r", True), ("autogen-r", True), ("autogen-cronjob-r", True), ("s", False)]
)
def test_values_apply_to_generated_rules(rule: str, *, found: bool) -> None:
    backends = Backends({("p", "r"): RuleValues({"x": "y"})})
    assert loaded([], backends, rule=rule).query("x || 'none'") == ("y" if found else "none")


def test_foreach_values_by_element() -> None:
    backends = Backends({("p", "r"): RuleValues(foreach_values={"image.user": ["root", "app"]})})
    assert loaded([], backends).query("image.user") == "root"
    assert loaded([], backends, element_index=1).query("image.user") == "app"
    with pytest.raises(EvaluationError, match=r"foreachValues.image.user has no value for element 2"):
        loaded([], backends, element_index=2)


SECRETS = "/api/v1/namespaces/shop/secrets"
ANSWERS = (
    ApiResponse(SECRETS, {"items": [{"n": 1}, {"n": 2}]}),
    ApiResponse("https://scan.example/check", {"ok": True}, method="post"),
    ApiResponse("https://scan.example/check", {"ok": False}),
    ApiResponse("/broken", {}, status=503),
)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ({"urlPath": "/api/v1/namespaces/{{request.namespace}}/secrets"}, {"items": [{"n": 1.0}, {"n": 2.0}]}),
        ({"urlPath": SECRETS, "jmesPath": "items[].n | sum(@)"}, 3.0),
        ({"service": {"url": "https://scan.example/check"}, "method": "POST"}, {"ok": True}),
        ({"service": {"url": "https://scan.example/check"}}, {"ok": False}),
    ],
)
def test_api_calls(call: dict[str, Any], expected: Any) -> None:
    backends = Backends(api_responses=ANSWERS)
    assert loaded([{"name": "answer", "apiCall": call}], backends).query("answer") == expected


def test_api_calls_that_fail() -> None:
    backends = Backends(api_responses=ANSWERS)
    with pytest.raises(EvaluationError, match="gets the status 503 from /broken") as error:
        loaded([{"name": "answer", "apiCall": {"urlPath": "/broken"}}], backends)
    assert error.value.path == PLACE / 0
    with pytest.raises(MissingVariable, match="nope") as missing:
        loaded([{"name": "answer", "apiCall": {"urlPath": "/{{ nope }}"}}], backends)
    assert missing.value.path == PLACE / 0 / "apiCall" / "urlPath"


def test_with_a_cluster_an_unanswered_call_has_its_default() -> None:
    backends = Backends(config_maps={}, api_responses=ANSWERS)
    call = {"urlPath": "/version", "jmesPath": "gitVersion", "default": "1.30"}
    assert loaded([{"name": "answer", "apiCall": call}], backends).query("answer") == "1.30"
    with pytest.raises(MissingVariable, match="has no declared answer"):
        loaded([{"name": "answer", "apiCall": {"urlPath": "/version"}}], backends).query("answer")


def test_images() -> None:
    backends = Backends(images={"nginx:1": {"configData": {"config": {"User": "app"}}, "manifest": {"size": 5}}})
    entry = {"name": "i", "imageRegistry": {"reference": "{{ request.object.spec.image }}"}}
    assert loaded([entry], backends).query("i.configData.config.User") == "app"
    part = {"name": "i", "imageRegistry": {"reference": "nginx:1", "jmesPath": "manifest.size"}}
    assert loaded([part], backends).query("i") == 5.0
    other = {"name": "i", "imageRegistry": {"reference": "nginx:2"}}
    with pytest.raises(MissingVariable, match="the image nginx:2 of the context entry i is not declared"):
        loaded([other], backends).query("i")


def test_global_context() -> None:
    known = {"apps": {"names": ["a"], "count": 2}, "broken": EvaluationError("no data")}
    backends = Backends(global_context=known)

    def query(**reference: str) -> Any:
        return loaded([{"name": "g", "globalReference": reference}], backends).query("g")

    assert query(name="apps") == {"names": ["a"], "count": 2.0}
    assert query(name="apps.names") == ["a"]
    assert query(name="apps", jmesPath="count") == 2.0
    for name, reason in [
        ("nope", "no global context entry nope"),
        ("apps.x", "no projection x"),
        ("broken", "no data"),
    ]:
        with pytest.raises(MissingVariable, match=reason):
            query(name=name)


def test_declared_global_entries() -> None:
    data = {"items": [{"name": "a"}, {"name": "b"}]}
    assert resolve_global_entry(None) is None
    assert resolve_global_entry(data, "items[0]") == {"name": "a"}
    assert resolve_global_entry(data, "items", {"names": "[].name", "count": "length(@)"}) == {
        "names": ["a", "b"],
        "count": 2.0,
    }
    with pytest.raises(EvaluationError, match="projections need data"):
        resolve_global_entry(None, projections={"a": "b"})


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"name": "x"}, "has none of configMap"),
        ({"variable": {"value": 1}}, "needs a name"),
    ],
)
def test_entries_that_are_none(entry: dict[str, Any], reason: str) -> None:
    with pytest.raises(EvaluationError, match=reason) as error:
        loaded([entry])
    assert error.value.path == PLACE / 0


@pytest.mark.parametrize(
    ("kind", "backends"),
    [("configMap", Backends(config_maps={})), ("variable", Backends()), ("imageRegistry", Backends(images={}))],
)
def test_entries_of_the_wrong_shape_fail_when_asked_for(kind: str, backends: Backends) -> None:
    with pytest.raises(MissingVariable, match="not a mapping"):
        loaded([{"name": "x", kind: "text"}], backends).query("x")


def test_an_entry_that_depends_on_the_element() -> None:
    context = Context()
    context.checkpoint()
    seen = []
    for index, element in enumerate([{"name": "a"}, {"name": "b"}]):
        context.reset()
        context.add_element(element, index)
        load_entries([variable("v", jmesPath="element.name")], context, Backends(), policy="p", rule="r")
        seen.append(context.query("v"))
    context.restore()
    assert seen == ["a", "b"]
