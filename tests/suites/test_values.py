from policylint.engine.request import GroupVersionKind, UserInfo
from policylint.suites.values import Subresource, Values, user_info

VALUES = Values(
    {
        "globalValues": {"request.operation": "UPDATE", "a": 1},
        "policies": [
            {
                "name": "p",
                "resources": [{"name": "r", "values": {"a": 2}}, {"name": "r", "values": {"b": 3}}],
                "rules": [{"name": "x", "values": {"c": 1}, "foreachValues": {"d": [1, 2]}}, {"name": "y"}],
            },
            {"name": "q"},
            {"name": "p", "resources": [{"name": "s", "values": {"a": 4}}]},
        ],
        "namespaceSelector": [{"name": "one", "labels": {"a": "b"}}, {"name": "two", "labels": {"c": "d"}}],
        "namespaces": [{"metadata": {"name": "two", "labels": {"e": "f"}}}],
        "subresources": [
            {
                "subresource": {"name": "deployments/scale", "group": "autoscaling", "version": "v1", "kind": "Scale"},
                "parentResource": {"name": "deployments", "group": "apps", "version": "v1", "kind": "Deployment"},
            }
        ],
    }
)


def test_values_of_a_resource_win_over_global_ones() -> None:
    assert VALUES.variables("p", "r") == {"request.operation": "UPDATE", "a": 2, "b": 3}
    assert VALUES.variables("p", "s")["a"] == 4
    assert VALUES.variables("q", "r")["a"] == 1


def test_values_of_rules() -> None:
    assert list(VALUES.rules("p")) == [("x", {"c": 1}, {"d": [1, 2]}), ("y", {}, {})]
    assert list(VALUES.rules("nobody")) == []


def test_whole_namespaces_win_over_selectors() -> None:
    assert VALUES.namespace_labels() == {"one": {"a": "b"}, "two": {"e": "f"}}


def test_subresources() -> None:
    scale = GroupVersionKind("autoscaling", "v1", "Scale")
    assert VALUES.subresources() == [Subresource(scale, GroupVersionKind("apps", "v1", "Deployment"), "scale")]


def test_what_values_are_for() -> None:
    assert list(VALUES.named()) == [
        ("policy", "p", "p"),
        ("rule", "p", "x"),
        ("rule", "p", "y"),
        ("resource", "p", "r"),
        ("resource", "p", "r"),
        ("policy", "q", "q"),
        ("policy", "p", "p"),
        ("resource", "p", "s"),
    ]


def test_a_user() -> None:
    data = {
        "roles": ["ns:r"],
        "clusterRoles": ["admin"],
        "userInfo": {"username": "u", "groups": ["g"], "extra": {"k": ["v"]}},
    }
    assert user_info(data) == UserInfo("u", ("g",), ("ns:r",), ("admin",), {"k": ["v"]})
    assert user_info({}) == UserInfo()
