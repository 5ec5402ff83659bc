"""Documents spoilt at random: values swapped, retyped and nested, expressions garbled, and YAML written oddly."""

import json
import math
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import yaml

Steps = tuple[Any, ...]


class Verbatim(NamedTuple):
    """Text that goes into the YAML as it is, such as a template or an alias."""

    text: str


class Pairs(NamedTuple):
    """A mapping that may have a key twice, and keys that are not strings."""

    pairs: tuple[tuple[Any, Any], ...]


def nested(depth: int, leaf: Any, key: str | None = None) -> Any:
    """`leaf` in `depth` lists, or in mappings that have `key`."""
    for _ in range(depth):
        leaf = [leaf] if key is None else {key: leaf}
    return leaf


_BETWEEN = "¦"
_TEXTS = (
    "¦ ¦*¦?¦!¦**¦?*¦-¦>¦<=¦!1-2¦1-¦a|b¦|¦&¦$()¦()¦=(a)¦X(a)¦<(a)¦^()¦Audit¦enforce¦30¦30s¦-1s¦1e9¦1.5Gi¦012¦on¦~¦"
    "v1¦kyverno.io/v2beta1¦* * * * *¦@every 1s¦60 24 32 13 8¦*/0 * * * *¦1-0 * * * *¦"
    "\xe9\U0001f600\u2028\u202e\x85¦\ud7ff¦\x7f¦a\nb¦Pod¦*/*¦apps/v1/Deployment¦v1/Pod/status¦Pod/*¦a/b/c/d/e¦/¦"
    "*/¦Pod.status¦apps/*/Deployment¦nginx¦"
    "ghcr.io/a/**¦a//b:*¦*:*¦"
    "gcr.io/*/*@*¦:¦@¦a b¦docker.io¦https://¦http://[::1¦awskms:///¦k8s://a¦gcpkms://x/y¦azurekms://¦"
    "hashivault://¦tuf://¦(¦(?P<a¦a{1001}¦(a+)+$¦[z-a]¦\\¦(?<=a)b¦^https://github.com/.*$"
).split(_BETWEEN)
VALUES: tuple[Any, ...] = (
    *_TEXTS,
    *(None, True, False, 0, 1, -1, 31, 10**30, -(10**30), 1.5, -0.0, 1e308),
    *(
        [],
        {},
        [None],
        [[]],
        [{}],
        ["", ""],
        ["x"] * 300,
        [{"name": "a"}] * 40,
        {str(number): {} for number in range(120)},
    ),
    *({"": None}, {"any": None, "all": None}, {"any": [{}]}, {"all": [[]]}, {"operator": []}, {"key": {}, "value": []}),
    *({"resources": None}, {"resources": {"kinds": [None]}}, {"count": 0, "entries": [{}]}, {"foreach": [{}]}),
    *("a" * 400, "(" * 60 + ")" * 60, "nginx@sha256:" + "0" * 64),
    *(nested(40, None), nested(40, {}, "a"), nested(30, {}, "pattern"), nested(30, {"key": "a"}, "any")),
    *map(Verbatim, ("{{ .Values.x }}", '{{- include "a" . | nindent 4 }}', "*known", "!!binary YQ==", "2001-01-01")),
    *map(Verbatim, ("!!python/name:os.system x", "!custom {a: 1}", ".inf", ".NaN", "0x1F", "|\n a\n  b\n")),
    Pairs(((1, 2), (None, 3), (True, 4), ("name", 5), ("name", [6]))),
    Pairs(((Verbatim("<<"), Verbatim("*known")), ("name", "a"))),
    Pairs(((Verbatim("[a, b]"), 1), (Verbatim("{a: b}"), 2))),
)
FRAGMENTS = (
    "{{¦}}¦{{ }}¦{{}}¦{{ {{ }} }}¦{{ request.object.¦{{request.object.metadata.name}}¦\\{{ a }}¦{{ @ }}¦"
    "{{ element.x }}¦{{ elementIndex0 }}¦{{ images.containers.*.registry }}¦{{ target.a }}¦{{ ((((( }}¦"
    "{{ a.b[?c=='¦$(../../a)¦$(¦$(./././)¦{{ to_upper() }}¦{{ nosuch(@) }}¦{{ `[` }}¦{{ a || '' }}¦"
    "{{ x[0:0:0] }}¦{{ request.operation }}¦{{ serviceAccountName }}¦{{ globalReference(`a`) }}¦"
    "{{ join(',', `1`) }}¦{{ \"¦{{ '¦request.object.?.[*]¦[*].[¦@.@¦a | | b¦&a¦object.spec.containers.all(c, ¦"
    ".exists(¦has(¦variables.x¦object[¦1 + ¦'¦\"¦''' ¦r'\\¦b'\\x¦0x¦1u¦? :¦in [¦{'a':¦/* */¦//¦\\u¦\\xZZ¦"
    "-----BEGIN PUBLIC KEY-----\n¦-----END PUBLIC KEY-----¦"
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----¦"
    "-----BEGIN PUBLIC KEY-----\n=====\n-----END PUBLIC KEY-----\n¦"
    "-----BEGIN EC PRIVATE KEY-----\nMHc=\n-----END EC PRIVATE KEY-----¦"
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----¦MIIB¦\x00¦\t¦\n¦\r\n¦\xe9¦\U0001f600¦"
    '\u2028¦%s¦{0}¦$¦*¦**¦?¦[¦]¦(¦)¦{¦}¦|¦\\¦/¦:¦@¦#¦&¦!¦-¦~¦,¦;¦+¦=¦<¦>¦package a\n¦violation[{"msg": msg}] {¦'
    "default allow :=¦import future.keywords¦- op: add\n  path: /¦op: ¦/~2"
).split(_BETWEEN)


class Corpus(NamedTuple):
    """The documents of some folders, and every value in them by the key that has it."""

    documents: tuple[Any, ...]
    values: dict[str, tuple[Any, ...]]


def read_corpus(folders: list[Path]) -> Corpus:
    """Every mapping below `folders` that PyYAML can read and that is a tree."""
    documents: list[Any] = []
    values: dict[str, list[Any]] = {}
    paths = {
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in (".yaml", ".yml", ".json")
    }
    for path in sorted(paths):
        try:
            found = list(yaml.safe_load_all(path.read_text("utf-8", "replace")))
            json.dumps(found, default=str)  # refuses cycles
        except (yaml.YAMLError, ValueError, TypeError):
            continue
        documents.extend(document for document in found if isinstance(document, dict) and document)
    for document in documents:
        for steps in places(document):
            if isinstance(steps[-1], str):
                values.setdefault(steps[-1], []).append(at(document, steps))
    return Corpus(tuple(documents), {key: tuple(each) for key, each in values.items()})


def places(value: Any, steps: Steps = ()) -> Iterator[Steps]:
    if steps:
        yield steps
    for key, below in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(below, (*steps, key))


def at(value: Any, steps: Steps) -> Any:
    for step in steps:
        value = value[step]
    return value


def spoil(corpus: Corpus, random: Random) -> str:
    """The text of a document of `corpus`, spoilt in one to four places."""
    document = deepcopy(random.choice(corpus.documents))
    for _ in range(random.choice((1, 1, 2, 2, 3, 4))):
        spots = list(places(document))
        if not spots:
            break
        steps = random.choice(spots)
        _CHANGES[random.randrange(len(_CHANGES))](at(document, steps[:-1]), steps[-1], corpus, random)
    if random.random() < 0.04:
        document = {"apiVersion": "v1", "kind": "List", "items": [document, None, document]}
    elif random.random() < 0.04:
        document = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "a"},
            "data": {"a": written(document)},
        }
    return f"# &known\n{written(document)}"


def _replace(parent: Any, step: Any, corpus: Corpus, random: Random) -> None:
    parent[step] = deepcopy(random.choice(VALUES))


def _garble(parent: Any, step: Any, corpus: Corpus, random: Random) -> None:
    text = parent[step] if isinstance(parent[step], str) else ""
    start = random.randint(0, len(text))
    until = min(len(text), start + random.choice((0, 0, 1, 3, 20, 10**6)))
    parent[step] = text[:start] + random.choice(FRAGMENTS) + text[until:]


def _graft(parent: Any, step: Any, corpus: Corpus, random: Random) -> None:
    known = corpus.values.get(step) if isinstance(step, str) else None
    if not known or random.random() < 0.3:
        known = corpus.values[random.choice(tuple(corpus.values))]
    parent[step] = deepcopy(random.choice(known))


def _adopt(parent: Any, step: Any, corpus: Corpus, random: Random) -> None:
    """A key more, or an item more."""
    key = random.choice(tuple(corpus.values))
    value = deepcopy(random.choice(corpus.values[key]))
    if isinstance(parent, list):
        parent.insert(step, value)
    else:
        parent[key] = value


def _remove(parent: Any, step: Any, corpus: Corpus, random: Random) -> None:
    del parent[step]


def _wrap(parent: Any, step: Any, corpus: Corpus, random: Random) -> None:
    value = parent[step]
    parent[step] = random.choice(
        ([value], {"a": value}, [[value], value], {"any": [value]}, {"all": value}, [value] * 30)
    )


def _unwrap(parent: Any, step: Any, corpus: Corpus, random: Random) -> None:
    value = parent[step]
    if value and isinstance(value, list | dict):
        parent[step] = random.choice(list(value.values()) if isinstance(value, dict) else value)


def _rename(parent: Any, step: Any, corpus: Corpus, random: Random) -> None:
    if isinstance(parent, dict):
        odd = (
            "",
            "name",
            "*",
            "a b",
            "é",
            "a" * 300,
            "=(" + str(step) + ")",
            "(" + str(step),
            str(step).upper(),
            1,
            None,
            True,
        )
        parent[random.choice((*odd, *random.choices(tuple(corpus.values), k=8)))] = parent.pop(step)


def _double(parent: Any, step: Any, corpus: Corpus, random: Random) -> None:
    """A key twice in its mapping, or an item many times in its list."""
    if isinstance(parent, list):
        parent[step:step] = [deepcopy(parent[step]) for _ in range(random.choice((1, 2, 50)))]
    elif isinstance(parent[step], dict):
        below = tuple(parent[step].items())
        parent[step] = Pairs((*below, *below[:1], *((key, random.choice(VALUES)) for key, _ in below[-1:])))


_CHANGES = (
    _replace,
    _replace,
    _replace,
    _garble,
    _garble,
    _garble,
    _graft,
    _graft,
    _adopt,
    _remove,
    _wrap,
    _unwrap,
    _rename,
    _double,
)


def written(value: Any) -> str:
    """`value` as YAML in block style, scalars as JSON would have them."""
    return "".join(f"{line}\n" for line in _lines(value))


def _lines(value: Any) -> Iterator[str]:
    pairs = value.pairs if isinstance(value, Pairs) else tuple(value.items()) if isinstance(value, dict) else ()
    if not pairs and not (value and isinstance(value, list)):
        yield from _scalar(value).split("\n")
    for key, below in pairs:
        yield from _below(f"{_scalar(key)}:", below)
    for item in value if isinstance(value, list) else ():
        yield from _below("-", item)


def _below(head: str, value: Any) -> Iterator[str]:
    lines = list(_lines(value))
    if len(lines) == 1 and not (isinstance(value, dict | list | Pairs) and value):
        yield f"{head} {lines[0]}"
    elif isinstance(value, Verbatim):
        yield f"{head} {lines[0]}"
        yield from (f"  {line}" for line in lines[1:])
    else:
        yield head
        yield from (f"  {line}" for line in lines)


def _scalar(value: Any) -> str:
    if isinstance(value, Verbatim):
        return value.text
    if isinstance(value, Pairs | tuple | date | bytes | set):
        return json.dumps(str(value))
    if isinstance(value, float) and not math.isfinite(value):
        return ".inf"
    return json.dumps(value, ensure_ascii=False, default=str)
