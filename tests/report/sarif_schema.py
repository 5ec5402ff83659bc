"""The part of the SARIF 2.1.0 schema that our output uses, written from the specification.

Every object is closed and has all members of the specification's object of that name that a log of ours may use, with
its type, bounds and requirements, so whatever this schema accepts the published one accepts too. Point
`POLICYLINT_SARIF_SCHEMA` at a copy of the published schema to check against that one as well.
"""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
URI: Schema = {"type": "string", "format": "uri"}
INDEX: Schema = {"type": "integer", "minimum": -1}
FROM_ONE: Schema = {"type": "integer", "minimum": 1}
FROM_ZERO: Schema = {"type": "integer", "minimum": 0}
LEVEL: Schema = {"enum": ["none", "note", "warning", "error"]}
BAG: Schema = {
    "type": "object",
    "properties": {"tags": {"type": "array", "items": TEXT, "uniqueItems": True}},
}


def closed(required: str = "", **members: Schema) -> Schema:
    return {"type": "object", "properties": members, "required": required.split(), "additionalProperties": False}


def one_of(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def many(items: Schema, *, least: int = 0, unique: bool = False) -> Schema:
    return {"type": "array", "items": items, "minItems": least, "uniqueItems": unique}


def by_name(items: Schema) -> Schema:
    return {"type": "object", "additionalProperties": items}


DEFINITIONS: dict[str, Schema] = {
    "message": closed("text", text=TEXT, markdown=TEXT, properties=BAG),
    "multiformatMessageString": closed("text", text=TEXT, markdown=TEXT, properties=BAG),
    "artifactLocation": closed(
        uri={"type": "string", "format": "uri-reference"},
        uriBaseId=TEXT,
        index=INDEX,
        description=one_of("message"),
        properties=BAG,
    ),
    "artifactContent": closed(text=TEXT, binary=TEXT, properties=BAG),
    "region": closed(
        startLine=FROM_ONE,
        startColumn=FROM_ONE,
        endLine=FROM_ONE,
        endColumn=FROM_ONE,
        charOffset=INDEX,
        charLength=FROM_ZERO,
        snippet=one_of("artifactContent"),
        message=one_of("message"),
        properties=BAG,
    ),
    "physicalLocation": closed(
        "artifactLocation", artifactLocation=one_of("artifactLocation"), region=one_of("region"), properties=BAG
    ),
    "logicalLocation": closed(name=TEXT, index=INDEX, fullyQualifiedName=TEXT, kind=TEXT, properties=BAG),
    "location": closed(
        id=INDEX,
        physicalLocation=one_of("physicalLocation"),
        logicalLocations=many(one_of("logicalLocation"), unique=True),
        message=one_of("message"),
        properties=BAG,
    ),
    "replacement": closed(
        "deletedRegion",
        deletedRegion=one_of("region"),
        insertedContent=one_of("artifactContent"),
        properties=BAG,
    ),
    "artifactChange": closed(
        "artifactLocation replacements",
        artifactLocation=one_of("artifactLocation"),
        replacements=many(one_of("replacement"), least=1),
        properties=BAG,
    ),
    "fix": closed(
        "artifactChanges",
        description=one_of("message"),
        artifactChanges=many(one_of("artifactChange"), least=1, unique=True),
        properties=BAG,
    ),
    "reportingConfiguration": closed(enabled={"type": "boolean"}, level=LEVEL, parameters=BAG, properties=BAG),
    "reportingDescriptor": closed(
        "id",
        id=TEXT,
        name=TEXT,
        shortDescription=one_of("multiformatMessageString"),
        fullDescription=one_of("multiformatMessageString"),
        help=one_of("multiformatMessageString"),
        helpUri=URI,
        defaultConfiguration=one_of("reportingConfiguration"),
        properties=BAG,
    ),
    "reportingDescriptorReference": closed("id", id=TEXT, index=INDEX, properties=BAG),
    "notification": closed(
        "message",
        message=one_of("message"),
        level=LEVEL,
        locations=many(one_of("location"), unique=True),
        associatedRule=one_of("reportingDescriptorReference"),
        descriptor=one_of("reportingDescriptorReference"),
        properties=BAG,
    ),
    "invocation": closed(
        "executionSuccessful",
        executionSuccessful={"type": "boolean"},
        exitCode={"type": "integer"},
        toolExecutionNotifications=many(one_of("notification")),
        toolConfigurationNotifications=many(one_of("notification")),
        properties=BAG,
    ),
    "result": closed(
        "message",
        ruleId=TEXT,
        ruleIndex=INDEX,
        kind={"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
        level=LEVEL,
        message=one_of("message"),
        locations=many(one_of("location")),
        relatedLocations=many(one_of("location"), unique=True),
        partialFingerprints=by_name(TEXT),
        fingerprints=by_name(TEXT),
        fixes=many(one_of("fix"), unique=True),
        properties=BAG,
    ),
    "toolComponent": closed(
        "name",
        name=TEXT,
        version=TEXT,
        semanticVersion=TEXT,
        informationUri=URI,
        rules=many(one_of("reportingDescriptor"), unique=True),
        properties=BAG,
    ),
    "tool": closed("driver", driver=one_of("toolComponent"), properties=BAG),
    "run": closed(
        "tool",
        tool=one_of("tool"),
        invocations=many(one_of("invocation")),
        originalUriBaseIds=by_name(one_of("artifactLocation")),
        columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        results=many(one_of("result")),
        properties=BAG,
    ),
}

SARIF: Schema = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    **closed("version runs", **{"$schema": URI}, version={"enum": ["2.1.0"]}, runs=many(one_of("run")), properties=BAG),
    "definitions": DEFINITIONS,
}
