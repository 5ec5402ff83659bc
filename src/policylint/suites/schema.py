"""The files of a Kyverno suite as upstream decodes them: which fields there are, and which key of a file names which.

Field names are those of the structs in cmd/cli/kubectl-kyverno/apis/v1alpha1. They are matched as Go's encoding/json
does, exactly or else without regard to case, and what matches none is refused (`UnmarshalStrict`).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from policylint.document.document import Document
from policylint.errors import did_you_mean
from policylint.model import ROOT, YamlPath
from policylint.views.shape import type_name

Sort = Literal["string", "boolean", "integer", "list", "mapping", "any"]

_EXPECTED: Mapping[Sort, str] = {
    "string": "a string",
    "boolean": "true or false",
    "integer": "an integer",
    "list": "a list",
    "mapping": "a mapping",
    "any": "any value",
}


class Schema(NamedTuple):
    """What a value may be. `item` is what a list holds or a mapping's free keys lead to; `fields` are a struct's."""

    sort: Sort
    item: "Schema | None" = None
    fields: Mapping[str, "Schema"] | None = None


class SchemaProblem(NamedTuple):
    """A key or value that upstream's decoder refuses: a key it does not know, one it has had, or a wrong value."""

    path: YamlPath
    message: str
    unknown: bool = False
    repeated: bool = False


STRING = Schema("string")
BOOLEAN = Schema("boolean")
ANY = Schema("any")
STRINGS = Schema("list", item=STRING)
FREE = Schema("mapping")
FREE_LIST = Schema("list", item=FREE)
LABELS = Schema("mapping", item=STRING)


def struct(**fields: Schema) -> Schema:
    """A mapping with these fields and no others."""
    return Schema("mapping", fields=fields)


def structs(**fields: Schema) -> Schema:
    """A list of such mappings."""
    return Schema("list", item=struct(**fields))


_VALUES: Mapping[str, Schema] = {
    "globalValues": FREE,
    "policies": structs(
        name=STRING,
        resources=structs(name=STRING, values=FREE),
        rules=structs(name=STRING, values=FREE, foreachValues=Schema("mapping", item=Schema("list"))),
    ),
    "namespaceSelector": structs(name=STRING, labels=LABELS),
    "namespaces": FREE_LIST,
    "subresources": structs(subresource=FREE, parentResource=FREE),
}

_RESULT: Mapping[str, Schema] = {
    **dict.fromkeys(("policy", "rule", "result", "kind", "operation"), STRING),
    **dict.fromkeys(("patchedResources", "generatedResource", "cloneSourceResource"), STRING),
    "generatedResources": STRINGS,
    "failOnMissingResources": BOOLEAN,
    "resources": STRINGS,
    "resourceSpecs": structs(
        **dict.fromkeys(("group", "version", "kind", "namespace", "subresource", "name"), STRING),
    ),
    **dict.fromkeys(
        (
            "isValidatingAdmissionPolicy",
            "isMutatingAdmissionPolicy",
            "isValidatingPolicy",
            "isMutatingPolicy",
            "isGeneratingPolicy",
            "isDeletingPolicy",
            "isImageValidatingPolicy",
        ),
        BOOLEAN,
    ),
}

_TYPE: Mapping[str, Schema] = {"apiVersion": STRING, "kind": STRING, "metadata": FREE}

TEST = Schema(
    "mapping",
    fields={
        **_TYPE,
        "name": STRING,
        **dict.fromkeys(("policies", "resources", "jsonPayloads", "httpPayloads", "envoyPayloads"), STRINGS),
        **dict.fromkeys(("targetResources", "paramResources", "exceptions", "clusterResources"), STRINGS),
        **dict.fromkeys(("jsonPayload", "variables", "userinfo", "context"), STRING),
        "results": Schema("list", item=Schema("mapping", fields=_RESULT)),
        "values": Schema("mapping", fields=_VALUES),
        "apiCallResponses": structs(
            url=STRING,
            urlPath=STRING,
            method=STRING,
            response=struct(statusCode=Schema("integer"), body=ANY),
        ),
        "globalContextEntries": structs(
            name=STRING,
            data=ANY,
            resources=FREE_LIST,
            resourceFiles=STRINGS,
            fieldPath=STRING,
            projections=structs(name=STRING, path=STRING),
        ),
    },
)
VALUES = Schema("mapping", fields={**_TYPE, **_VALUES})
USER_INFO = Schema(
    "mapping",
    fields={
        **_TYPE,
        "roles": STRINGS,
        "clusterRoles": STRINGS,
        "userInfo": struct(
            username=STRING, uid=STRING, groups=STRINGS, extra=Schema("mapping", item=Schema("list", item=STRING))
        ),
    },
)
CLUSTER_RESOURCE = Schema("mapping", fields={**_TYPE, "spec": struct(crds=STRINGS, resources=FREE_LIST)})

# Fields that the old schema had, and what it calls them now; upstream's decoder refuses them.
OLD_RESULT_FIELDS: Mapping[str, str] = {
    "status": "result",
    "resource": "resources",
    "patchedResource": "patchedResources",
    "namespace": "resources",
}


def field_of(key: str, fields: Mapping[str, Schema]) -> str | None:
    """The field that Go's decoder puts the value of `key` into."""
    if key in fields:
        return key
    folded = key.casefold()
    return next((field for field in fields if field.casefold() == folded), None)


def canonical(value: Any, shape: Schema) -> Any:
    """`value` with the fields' own spelling for keys, without unknown keys, nulls and values of a wrong type."""
    if not _fits(value, shape):
        return None
    if isinstance(value, list):
        return [canonical(item, shape.item) for item in value] if shape.item is not None else value
    if isinstance(value, dict) and shape.fields is not None:
        fields = shape.fields
        named = ((field_of(key, fields), item) for key, item in value.items())
        cleaned = ((field, canonical(item, fields[field])) for field, item in named if field is not None)
        return {field: item for field, item in cleaned if item is not None}
    if isinstance(value, dict) and shape.item is not None:
        return {key: canonical(item, shape.item) for key, item in value.items()}
    return value


def spelled(document: Document, path: YamlPath) -> YamlPath:
    """The path at which the file has what the canonical `path` names: keys may be written in another case."""
    steps: list[str | int] = []
    for step in path:
        below = document.get(YamlPath(steps))
        if isinstance(step, str) and isinstance(below, dict) and step not in below:
            step = next((key for key in below if key.casefold() == step.casefold()), step)
        steps.append(step)
    return YamlPath(steps)


def problems(document: Document, shape: Schema) -> Iterator[SchemaProblem]:
    """Everything in `document` that upstream's strict decoding into `shape` refuses."""
    for path, duplicate in document.duplicate_paths.items():
        line = document.location_of(duplicate.first).line
        yield SchemaProblem(path, f"{duplicate.key!r} is already a field here, on line {line}", repeated=True)
    yield from _problems(document.data, shape, ROOT)


def _problems(value: Any, shape: Schema, path: YamlPath) -> Iterator[SchemaProblem]:
    if value is None:
        return
    if not _fits(value, shape):
        where = str(path) or "the document"
        message = f"{where} takes {_EXPECTED[shape.sort]}, but is {type_name(value)}"
        yield SchemaProblem(path, message)
    elif isinstance(value, list) and shape.item is not None:
        for index, item in enumerate(value):
            yield from _problems(item, shape.item, path / index)
    elif isinstance(value, dict) and shape.fields is not None:
        for key, item in value.items():
            field = field_of(key, shape.fields)
            if field is None:
                yield SchemaProblem(path / key, _unknown(key, shape.fields), unknown=True)
            else:
                yield from _problems(item, shape.fields[field], path / key)
    elif isinstance(value, dict) and shape.item is not None:
        for key, item in value.items():
            yield from _problems(item, shape.item, path / key)


def _unknown(key: str, fields: Mapping[str, Schema]) -> str:
    if fields is TEST.fields and key == "checks":
        return "there is no field 'checks' any more: Kyverno 1.14 took it out"
    return f"there is no field {key!r}{did_you_mean(key, fields)}"


def _fits(value: Any, shape: Schema) -> bool:
    if value is None or shape.sort == "any":
        return True
    if shape.sort == "string":
        return isinstance(value, str)
    if shape.sort == "boolean":
        return isinstance(value, bool)
    if shape.sort == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, list if shape.sort == "list" else dict)
