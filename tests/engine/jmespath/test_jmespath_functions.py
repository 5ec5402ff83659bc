"""Functions of texts, lists, encodings, regular expressions and versions."""

import base64
import json
import math
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine import jmespath
from policylint.engine.errors import EvaluationError, Unsupported
from policylint.engine.jmespath.functions import functions
from policylint.engine.jmespath.marshal import marshal, unmarshal
from policylint.engine.jmespath.numbers import format_plain, format_value, parse_float
from policylint.engine.jmespath.text import from_bytes, to_bytes

DATA = Path(__file__).parent / "data"
KYVERNO = """
compare equal_fold replace replace_all to_upper to_lower trim trim_prefix split regex_replace_all
regex_replace_all_literal regex_match pattern_match label_match to_boolean add sum subtract multiply divide modulo
round base64_decode base64_encode time_since time_now time_now_utc path_canonicalize truncate semver_compare
parse_json parse_yaml lookup items object_from_lists random x509_decode time_to_cron time_add time_parse time_utc
time_diff time_before time_after time_between time_truncate image_normalize is_external_url sha256 sha1 md5
"""
STANDARD = """
abs avg ceil contains ends_with floor join keys length map max max_by merge min min_by not_null reverse sort sort_by
starts_with sum to_array to_number to_string type values
"""


def search(expression: str, data: Any = "") -> Any:
    return jmespath.compile(expression).search(data)


def test_all_functions_of_kyverno_and_the_specification_are_there() -> None:
    assert len(KYVERNO.split()) == 51
    assert set(functions()) == set(KYVERNO.split()) | set(STANDARD.split())


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("compare('b', 'a')", 1),
        ("equal_fold('Go', 'GO')", True),
        ("equal_fold('ß', 'ẞ')", True),
        ("equal_fold('ß', 'ss')", False),
        ("equal_fold('K', 'k')", True),
        ("replace('aaa', 'a', 'b', `2`)", "bba"),
        ("replace('aaa', 'a', 'b', `-7`)", "bbb"),
        ("replace('abc', '', '-', `2`)", "-a-bc"),
        ("replace_all('Lorem ipsum', 'ipsum', 'muspi')", "Lorem muspi"),
        ("to_upper('aß ﬁ ᾳ')", "Aß ﬁ ᾼ"),
        ("to_lower('ΣΑΣ İ')", "σασ i"),  # noqa: RUF001
        ("trim('¡¡¡Hello, Gophers!!!', '!¡')", "Hello, Gophers"),
        ("trim_prefix('prefix-x', 'prefix-')", "x"),
        ("split('a, b', ', ')", ["a", "b"]),
        ("split('hé', '')", ["h", "é"]),
        ("split('', ',')", [""]),
        ("truncate('héllo', `2.6`)", "hé"),
        ("truncate('hello', `-1`)", ""),
        ("truncate('hello', `1e300`)", ""),
        ("path_canonicalize('///')", "/"),
        ("path_canonicalize('//var//run/../x/')", "/var/x"),
        ("path_canonicalize('')", ""),
        ("path_canonicalize('./')", "."),
        ("pattern_match('prefix-*', 'prefix-foo')", True),
        ("pattern_match('12*', abs(`-12`))", True),
        ("to_boolean('TruE')", True),
        ('label_match(`{"app": "x"}`, `{"app": "x", "b": "y"}`)', True),
        ('label_match(`{"app": "x"}`, `{"b": "y"}`)', False),
        ("lookup(`{\"a\": 1}`, 'a')", 1.0),
        ("lookup(`{\"a\": 1}`, 'b')", None),
        ("lookup(['x', 'y'], `-1`)", None),
        ("items(`{\"b\": 1, \"a\": 2}`, 'k', 'v')", [{"k": "a", "v": 2.0}, {"k": "b", "v": 1.0}]),
        ("items(['x'], 'k', 'v')", [{"k": 0.0, "v": "x"}]),
        ("object_from_lists(['a', `1`, `true`], [`5`])", {"a": 5.0, "1": None, "true": None}),
        ("object_from_lists([`16777217`], ['matched'])", {"16777217": "matched"}),
        ("base64_decode('SGVsbG8s\nIHdvcmxkIQ==')", "Hello, world!"),
        ("base64_encode(base64_decode('/9j+'))", "/9j+"),
        ("length(base64_decode('/9j+'))", 3.0),
        ("sha256(base64_decode('/9j+'))", "ab974f5355d5f76261a85bec68a54cbe49fa7a9e1f40e10400e3394da65079a9"),
        ("md5('x')", "9dd4e461268c8034f5c8564e155c67a6"),
        ("sha1('x')", "11f6ad8ec52a2984abaafd7c3b516503785c2072"),
        ("sha256('x')", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"),
        ("parse_json('{\"a\": [1, 2]}').a[0]", 1.0),
        ("parse_yaml('a: yes\nb: 012\nc: 1.5')", {"a": True, "b": 10.0, "c": 1.5}),
        ("parse_yaml('---\na: 1\n---\nb: 2')", {"a": 1.0}),
        ("parse_yaml('')", None),
        ("image_normalize('nginx')", "docker.io/nginx:latest"),
        ("image_normalize('docker.io/library/nginx')", "docker.io/library/nginx:latest"),
        ("image_normalize('localhost/netd:v0.4.4-gke.0')", "localhost/netd:v0.4.4-gke.0"),
        ("image_normalize('test/nginx:v10.3')", "docker.io/test/nginx:v10.3"),
        (f"image_normalize('ghcr.io/a/b:1@sha256:{'a' * 64}')", f"ghcr.io/a/b@sha256:{'a' * 64}"),
        ("is_external_url('http://127.0.0.1:8080/x')", False),
        ("is_external_url('https://192.168.1.1')", False),
        ("is_external_url('https://[fd00::1]/')", False),
        ("is_external_url('https://localhost/')", False),
        ("is_external_url('https://1.1.1.1/')", True),
        ("is_external_url('https://[2606:4700::1111]:443')", True),
    ],
)
def test_kyvernos_functions(expression: str, expected: Any) -> None:
    assert search(expression) == expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("to_boolean('yes')", "lowercase argument must be 'true' or 'false' (provided: 'yes')"),
        ("base64_decode('QUJD=')", "illegal base64 data"),
        ("base64_decode('QQ==QQ==')", "illegal base64 data"),
        ("parse_json('{')", "JMESPath function 'parse_json'"),
        ("parse_json('NaN')", "JSON has no NaN"),
        ("parse_json('1e999')", "out of range"),
        ("parse_yaml('a: [')", "JMESPath function 'parse_yaml'"),
        ("image_normalize('')", "bad image 'docker.io/'"),
        ("lookup(`[1]`, 'a')", "argument #2 is not of type Number"),
        ("lookup(`[1]`, `0.5`)", "argument #2: expected an integer number but got: 0.5"),
        ("lookup(`{}`, `1`)", "argument #2 is not of type String"),
        ("object_from_lists([`null`], `[]`)", "argument #1 is not of type StringArray"),
        ("regex_match('(', 'x')", "error parsing regexp"),
        ("regex_match('a', `null`)", "argument #2 is not of type string or number (got null)"),
        ("random('')", "no pattern provided"),
        ("x509_decode('xyz')", "failed to decode PEM block"),
        ("x509_decode('-----BEGIN X-----\nAAAA\n-----END X-----')", "PEM block neither contains"),
        ("x509_decode('-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----')", "malformed certificate"),
        ("max_by([{a: `1`}, {a: 'x'}], &a)", "the expression yields number and string"),
        ("sort_by([`null`, `null`], &@)", "the expression must yield numbers or strings (got null)"),
        ("to_string(to_number('inf'))", "JSON has no +Inf"),
        ("is_external_url('nothing')", "names no host"),
    ],
)
def test_refusals(expression: str, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        search(expression)
    assert message in caught.value.message


def test_a_host_name_is_not_looked_up() -> None:
    with pytest.raises(Unsupported, match=r"is_external_url of a host name \(example\.com\)"):
        search("is_external_url('https://example.com/x')")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("regex_match('^16777217$', `16777217`)", True),
        ("regex_match('(?i)ÉT', 'été')", True),
        ("regex_match('^(a+)+$', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')", False),
        ("regex_replace_all('([Hh]e|G)l', 'Hello world, helworldlo', '${2}G')", "Glo world, Gworldlo"),
        ("regex_replace_all('(?P<n>x)|(y)', 'xyz', '[$n|$1|${2}|$1W|$$|$|${|$0]')", "[x|x|||$|$|${|x][||y||$|$|${|y]z"),
        ("regex_replace_all('a*', 'baac', 'X')", "XbXcX"),
        ("regex_replace_all('x*', 'é', '-')", "-é-"),
        ("regex_replace_all('b', `1.5`, 'x')", "1.5"),
        ("regex_replace_all_literal('[Hh]el?', 'Hello world, helworldlo', 'G')", "Glo world, Gworldlo"),
        ("regex_replace_all_literal('l', 'hel', '$0')", "he$0"),
    ],
)
def test_regular_expressions(expression: str, expected: Any) -> None:
    assert search(expression) == expected


@pytest.mark.parametrize(
    ("version", "wanted", "expected"),
    [
        ("4.1.3", ">=4.1.x", True),
        ("4.1.3", "!4.x.x", False),
        ("1.8.6", ">1.0.0 <2.0.0", True),
        ("2.1.5", "<2.0.0 || >=3.0.0", False),
        ("1.2.9", "1.2.x", True),
        ("1.3.0", "1.2.x", False),
        ("1.3.0", ">1.2.x", True),
        ("1.2.9", "<=1.x", True),
        ("1.0.0-alpha.2", "<1.0.0-alpha.10", True),
        ("1.0.0-alpha", "<1.0.0-1", False),
        ("1.0.0-alpha", "<1.0.0", True),
        ("1.0.0+build", "=1.0.0", True),
        ("v1.0.0", "0.0.0", True),
        ("1.0", "=0.0.0", True),
        ("1.0.0", ">= 1.0.0", True),
    ],
)
def test_versions(version: str, wanted: str, expected: bool) -> None:
    assert search(f"semver_compare('{version}', '{wanted}')") is expected


@pytest.mark.parametrize("wanted", ["", "||", "1.0.0 ||", ">=1", "~1.0.0", ">=01.0.0", ">"])
def test_ranges_that_are_none(wanted: str) -> None:
    with pytest.raises(EvaluationError, match="semver_compare"):
        search(f"semver_compare('1.0.0', '{wanted}')")


@pytest.mark.parametrize(
    "pattern",
    [
        "[0-9a-z]{8}",
        r"[a-c\-_]?x{2,4}(foo|ba[rz]){3}",
        r"\d\w\s\D\W\S",
        "[^a-y0-9]{5}",
        "[[:upper:]][[:^alpha:]]",
        r"\x41\x{42}[\x43-E]",
        "(?:a|b)+?(?P<n>c)*",
        r"^\bab\b$",
        "[]a]",
        r"\.\*",
    ],
)
def test_a_random_text_matches_its_pattern_and_stays_the_same(pattern: str) -> None:
    query = jmespath.compile("random(@)")
    texts = [query.search(pattern, seed=seed) for seed in ("", "1", "1")]
    assert texts[1] == texts[2]
    readable = re.sub(r"\[\[:upper:\]\]\[\[:\^alpha:\]\]", "[A-Z][^A-Za-z]", pattern)
    readable = readable.replace(r"\x{42}", "B")
    assert all(re.fullmatch(readable, text) for text in texts)


@pytest.mark.parametrize("pattern", ["(?i)a", r"\pL", r"\Qa\E", "[^ -~]"])
def test_random_says_what_it_cannot_do(pattern: str) -> None:
    with pytest.raises(Unsupported, match="random"):
        jmespath.compile("random(@)").search(pattern)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('to_string(`{"b": [1, 2.50], "a": "<&>"}`)', r'{"a":"\u003c\u0026\u003e","b":[1,2.5]}'),
        ("to_string('x')", "x"),
        ("to_string(`1e21`)", "1e+21"),
        ("to_string(`1e20`)", "100000000000000000000"),
        ("to_string(`0.0000001`)", "1e-7"),
        ("to_string(`null`)", "null"),
        ("to_string([base64_decode('/w==')])", r'["\ufffd"]'),
        ("to_number('12')", 12.0),
        ("to_number('0x1p-2')", 0.25),
        ("to_number(' 12')", None),
        ("to_number('1e999')", None),
        ("to_number(`true`)", None),
        ("length('héé')", 3.0),
        ("ceil(`1.2`)", 2.0),
        ("floor(`-1.2`)", -2.0),
        ("avg([`1`, `2`])", 1.5),
        ("max(['a', 'b'])", "b"),
        ("max(`[]`)", None),
        ("min([`3`, `2`])", 2.0),
        ("max_by([{a: `1`}, {a: `3`}], &a)", {"a": 3.0}),
        ("min_by([{a: 'x'}], &missing)", {"a": "x"}),
        ("sort_by([{a: 'b'}, {a: 'a'}], &a)[*].a", ["a", "b"]),
        ("sort(['b', 'a', 'B'])", ["B", "a", "b"]),
        ("map(&b, [{b: `1`}, {c: `2`}])", [1.0, None]),
        ("merge({a: `1`}, {a: `2`, b: `3`})", {"a": 2.0, "b": 3.0}),
        ("join('-', ['a', 'b'])", "a-b"),
        ("reverse('hé')", "éh"),
        ("to_array('x')", ["x"]),
        ("contains('abc', 'b')", True),
        ("contains('abc', `1`)", False),
        ("contains([`true`], `1`)", False),
        ("contains([{a: `1`}], {a: `1`})", True),
        ("type(`true`)", "boolean"),
        ("starts_with('Gophers', 'Go') && ends_with('Amigo', 'go')", True),
        ("keys({b: `1`, a: `2`})", ["b", "a"]),
        ("values({b: `1`, a: `2`})", [1.0, 2.0]),
    ],
)
def test_standard_functions(expression: str, expected: Any) -> None:
    assert search(expression) == expected


def test_the_average_of_nothing_is_no_number() -> None:
    assert math.isnan(search("avg(`[]`)"))


@pytest.mark.parametrize("name", ["authority", "plain", "request"])
def test_certificates_are_shown_as_gos_json(name: str) -> None:
    """The expected documents are what Go 1.26's crypto/x509 and encoding/json make of the files."""
    expected = jmespath.json_numbers(json.loads((DATA / f"{name}.json").read_text()))
    assert search("x509_decode(@)", (DATA / f"{name}.pem").read_text()) == expected


def test_only_rsa_keys_are_decoded() -> None:
    pem = (DATA / "plain.pem").read_text()
    raw = to_bytes(search("base64_decode(x509_decode(@).Raw)", pem))
    identifier = bytes.fromhex("06092a864886f70d0101")
    assert raw.count(identifier + b"\x01\x05") == 1
    other = base64.b64encode(raw.replace(identifier + b"\x01\x05", identifier + b"\x07\x05")).decode()
    with pytest.raises(EvaluationError, match="certificate should use rsa algorithm"):
        search("x509_decode(@)", f"-----BEGIN CERTIFICATE-----\n{other}\n-----END CERTIFICATE-----")


@given(st.data())
def test_no_certificate_breaks_the_decoder(data: st.DataObject) -> None:
    raw = bytearray(
        to_bytes(search("base64_decode(@)", search("x509_decode(@).Raw", (DATA / "authority.pem").read_text())))
    )
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    body = search("base64_encode(@)", from_bytes(bytes(raw)))
    decoded = None
    with suppress(EvaluationError):
        decoded = search("x509_decode(@)", f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----")
    assert decoded is None or decoded["PublicKeyAlgorithm"] == 1.0


@given(st.binary(max_size=40))
def test_bytes_survive_as_text(data: bytes) -> None:
    assert to_bytes(from_bytes(data)) == data


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back(number: float) -> None:
    assert parse_float(format_plain(number)) == number or len(format_plain(number)) > 300
    assert parse_float(format_value(number)) == number
    assert unmarshal(marshal(number)) == number


_json = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(_json)
def test_json_reads_back(value: Any) -> None:
    text = marshal(value)
    assert unmarshal(text) == value
    assert not set(text) & {*map(chr, range(32)), *"<>&\u2028\u2029"}
