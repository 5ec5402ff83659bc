"""Kyverno's JMESPath: what go-jmespath does with missing keys, null and numbers, and what bad expressions are told."""

import subprocess
import sys
import warnings
from typing import Any, ClassVar

import jmespath as library
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine import jmespath
from policylint.engine.errors import EvaluationError, MissingVariable

POD: dict[str, Any] = {
    "kind": "Pod",
    "metadata": {"name": "web", "labels": {"app": "web"}, "annotations": None},
    "spec": {
        "replicas": 3.0,
        "containers": [
            {"name": "a", "image": "nginx:1", "ports": [{"containerPort": 80.0}, {"containerPort": 443.0}]},
            {"name": "b", "image": "redis"},
            {"image": "busybox"},
        ],
    },
}


def search(expression: str, data: Any = POD) -> Any:
    return jmespath.compile(expression).search(data)


@pytest.mark.parametrize(
    "expression",
    [
        "spec.nodeName",
        "missing",
        "spec.missing.further",
        "kind && missing",
        "metadata.labels.tier",
        "missing[0]",
    ],
)
def test_a_key_that_is_not_there_is_an_error(expression: str) -> None:
    with pytest.raises(MissingVariable, match=r'^Unknown key "\w+" in path$'):
        search(expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # null and what is no object have no keys to miss
        ("metadata.annotations.owner", None),
        ("kind.length", None),
        ("spec.containers.name", None),
        ("spec.containers[7].name", None),
        ("spec.containers[-1].image", "busybox"),
        ("spec.containers[-4]", None),
        # operands, branches, arguments, stages and elements may miss theirs
        ("missing || `[]`", []),
        ("missing || other", None),
        ("missing && kind", None),
        ("!missing", True),
        ("missing == `null`", True),
        ("missing != 'x'", True),
        ("missing > `1`", None),
        ("not_null(missing, kind)", "Pod"),
        ("missing | kind", None),
        ("kind | missing", None),
        ("[kind, missing]", ["Pod", None]),
        ("{a: kind, b: missing}", {"a": "Pod", "b": None}),
        ("spec.containers[*].name", ["a", "b"]),
        ("spec.containers[].ports[].containerPort", [80.0, 443.0]),
        ("spec.containers[?name == 'b'].image", ["redis"]),
        ("spec.containers[?name].image", ["nginx:1", "redis"]),
        ("spec.initContainers[*].name", None),
        ("spec.initContainers[].name", None),
        ("spec.initContainers[?name == 'b']", None),
        ("spec.initContainers.*", None),
        ("spec.[initContainers, containers][].image", ["nginx:1", "redis", "busybox"]),
        ("metadata.labels.*", ["web"]),
        ("metadata.annotations.{a: x}", None),
        ("spec.containers[0].ports[0:1].containerPort", [80.0]),
        ("spec.containers[::-1].image | [0]", "busybox"),
        ("kind[0:2]", None),
        ("@.kind", "Pod"),
        ('metadata."name"', "web"),
        ('`{"a": [1, true, null]}`', {"a": [1.0, True, None]}),
        (r"'it\'s'", "it's"),
    ],
)
def test_null_stands_for_a_missing_key_where_go_jmespath_lets_it(expression: str, expected: Any) -> None:
    assert search(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("`0` && 'yes'", "yes"), ("'' || 'no'", "no"), ("`[]` || 'no'", "no"), ("`{}` || 'no'", "no"), ("!`false`", True)],
)
def test_what_counts_as_false(expression: str, expected: Any) -> None:
    assert search(expression) == expected


def test_a_slice_behind_an_index_begins_a_projection() -> None:
    assert search("a[0][1:].b", {"a": [[{"b": 1.0}, {"b": 2.0}, {"b": 3.0}]]}) == [2.0, 3.0]


class TestNumbers:
    """A float is a number; an int is one of Go's integers, which is none."""

    DATA: ClassVar[dict[str, Any]] = {"index": 1, "number": 1.0, "list": ["a", "b"], "flag": True}

    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("number == `1`", True),
            ("index == `1`", False),
            ("index == index", True),
            ("index < `5`", None),
            ("flag == `1`", False),
            ("[flag] == `[1]`", False),
            ("lookup(list, number)", "b"),
            ("to_string(index)", "1"),
            ("to_string(number)", "1"),
            ("length(list)", 2.0),
            ("compare('a', 'b')", -1),
            ("compare('a', 'a') == `0`", False),
        ],
    )
    def test_rule(self, expression: str, expected: Any) -> None:
        result = search(expression, self.DATA)
        assert (result, type(result)) == (expected, type(expected))

    @pytest.mark.parametrize("expression", ["lookup(list, index)", "add(index, `1`)", "type(index)", "abs(index)"])
    def test_functions_take_no_integers(self, expression: str) -> None:
        with pytest.raises(EvaluationError, match="JMESPath function"):
            search(expression, self.DATA)

    def test_json_numbers_makes_floats_of_all_but_booleans(self) -> None:
        made = jmespath.json_numbers({"a": [1, True, None, 2.5, "3"]})
        assert made == {"a": [1.0, True, None, 2.5, "3"]}
        assert [type(item) for item in made["a"]] == [float, bool, type(None), float, str]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "the expression is empty"),
        ("a.b.", "it ends too early at column 5"),
        ("a[", "it ends too early at column 3"),
        ("split(element,'/')[null]", "unexpected 'null' at column 20"),
        ("a b", "unexpected 'b' at column 3"),
        ("a = b", "Unknown token '=' at column 3"),
        ("'it''s'", "unexpected 's' at column 5"),
        ("'open", "Unclosed ' delimiter at column 1"),
        ("`text`", "a literal in backquotes is not JSON"),
        ("`1e999`", "a literal's number is out of range"),
        ("a[::0]", "the step of a slice cannot be 0"),
        ("{{a}}", "unexpected"),
        ("a-b", "Unknown token '-' at column 2"),
        ("a[" + "1" * 5000 + "]", "invalid JMESPath"),
    ],
)
def test_bad_syntax_is_refused_with_its_column(expression: str, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        jmespath.compile(expression)
    assert caught.value.message.startswith("invalid JMESPath")
    assert message in caught.value.message


def test_an_unknown_function_fails_only_where_it_is_called() -> None:
    assert search("kind || nope(kind)") == "Pod"
    with pytest.raises(EvaluationError, match="unknown function: nope"):
        search("nope(kind)")


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 20_000 + "a" + ")" * 20_000,
        "!" * 20_000 + "a",
        " | ".join(["[@, @]"] * 60 + ["to_string(@)"]),
        " | ".join(["[@, @][]"] * 60),
        "'aaaaaaaa' | " + " | ".join(["replace_all(@, 'a', 'aaaaaaaaaaaa')"] * 30),
        "'aaaaaaaa' | " + " | ".join(["regex_replace_all('a', @, 'aaaaaaaaaaaa')"] * 30),
        "'aaaaaaaa' | " + " | ".join(["join(@, [@, @, @, @])"] * 40),
        "random('((a{1000}){1000}){1000}')",
        "random('(((a{900}){900}))')",
    ],
)
def test_expressions_meant_to_explode_end_in_an_error(expression: str) -> None:
    with pytest.raises(EvaluationError):
        search(expression, ["x"])


def test_values_that_share_their_parts_are_compared_once_and_not_copied_for_ever() -> None:
    doubled = " | ".join(["[@, @]"] * 200)
    assert search(f"({doubled}) == ({doubled})", "x") is True
    assert search(f"({doubled}) == ({doubled} | [@])", "x") is False
    with pytest.raises(EvaluationError, match="the result would have"):
        jmespath.json_numbers(search(doubled, 1))


def test_upstreams_argument_errors() -> None:
    with pytest.raises(EvaluationError) as caught:
        search("items(kind, 'k', 'v')")
    assert caught.value.message == "JMESPath function 'items': argument #1 is not of type object or array (got string)"
    with pytest.raises(EvaluationError) as caught:
        search("base64_decode(missing)")
    assert caught.value.message == "JMESPath function 'base64_decode': argument #1 is not of type string (got null)"
    with pytest.raises(EvaluationError, match="2 arguments expected, 1 given"):
        search("split(kind)")
    with pytest.raises(EvaluationError, match="at least 1 argument expected, 0 given"):
        search("merge()")


def test_compiling_twice_gives_the_same_query() -> None:
    assert jmespath.compile("a.b") is jmespath.compile("a.b")


def test_the_parser_and_re2_are_imported_when_they_are_used() -> None:
    code = (
        "import sys, policylint.engine.jmespath\n"
        "print(sorted({'jmespath', 're2', 'random', 'ipaddress', 'urllib.parse'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def _expressions() -> st.SearchStrategy[str]:
    """Expressions whose objects all have the keys a, b and c, and whose functions take anything."""
    literal = st.sampled_from(["`2`", "`3.5`", "'x'", "`null`", "`true`", "`[]`", '`[[2, "x"], 3.5]`'])
    leaf = st.sampled_from(["a", "b", "c", "@", "*", "[*]", "[]", "a[0]", "b[-1]", "c[*].a", "a[].b"]) | literal

    def extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        key = st.sampled_from("abc")
        return st.one_of(
            st.builds("({}).{}".format, inner, key),
            st.builds("({})[{}]".format, inner, st.integers(-3, 3)),
            st.builds("({})[*].{}".format, inner, key),
            st.builds("({})[]".format, inner),
            st.builds("({}).*.{}".format, inner, key),
            st.builds("({})[?{}].{}".format, inner, inner, key),
            st.builds("{} | [{}:{}].{}".format, inner, st.integers(-3, 3), st.integers(-3, 3), key),
            st.builds("{} | {}".format, inner, inner),
            st.builds("({}) || ({})".format, inner, inner),
            st.builds("({}) && ({})".format, inner, inner),
            st.builds("!({})".format, inner),
            st.builds("({}) {} ({})".format, inner, st.sampled_from(["==", "!="]), inner),
            st.builds("to_number({}) {} `2.5`".format, inner, st.sampled_from(["<", "<=", ">", ">="])),
            st.builds("[{}, {}]".format, inner, inner),
            st.builds("{{a: {}, b: {}, c: `2`}}".format, inner, inner),
            st.builds("type({})".format, inner),
            st.builds("length(to_array({})) > `2.5`".format, inner),
            st.builds("reverse(to_array({}))".format, inner),
            st.builds("contains(to_array({}), {})".format, inner, st.sampled_from(["`2`", "'x'", "`null`"])),
            st.builds("not_null({}, {})".format, inner, inner),
            st.builds("map(&({}), to_array({}))".format, inner, inner),
            st.builds("sort_by(to_array({}), &type(@))".format, inner),
        )

    return st.recursive(leaf, extend, max_leaves=8)


_values = st.recursive(
    st.none() | st.booleans() | st.sampled_from([2.0, 3.5, -7.25]) | st.sampled_from(["", "x", "yé"]),
    lambda inner: st.lists(inner, max_size=3) | st.fixed_dictionaries(dict.fromkeys("abc", inner)),
    max_leaves=12,
)


@given(_expressions(), _values)
def test_agrees_with_pythons_library_where_no_key_is_missing(expression: str, data: Any) -> None:
    ours = jmespath.compile(expression).search(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = library.search(expression, data)
    assert ours == theirs
