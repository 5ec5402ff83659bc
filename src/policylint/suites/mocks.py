"""What a suite declares in place of a cluster and of services on the network.

Source: commands/test/test.go (what is there only with `clusterResources`), store/store.go, apis/v1alpha1.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policylint.engine.backends import ApiResponse, Backends, RuleValues, resolve_global_entry
from policylint.engine.errors import EvaluationError
from policylint.engine.objects import key_of
from policylint.suites.load import Suite
from policylint.suites.values import Values


def backends_of(
    suite: Suite,
    values: Values,
    policies: Iterable[str],
    objects: Sequence[Mapping[str, Any]],
    global_files: Mapping[str, list[Any]],
) -> Backends:
    """The mocks of a suite, for the policies of these names.

    `objects` are those of the stand-in cluster, which is asked for ConfigMaps only when the suite declares
    clusterResources; `global_files` the objects of the files that a global context entry names, by its name.
    """
    return Backends(
        rule_values={
            (policy, rule): RuleValues(given, foreach)
            for policy in policies
            for rule, given, foreach in values.rules(policy)
        },
        config_maps=_config_maps(objects) if suite.paths("clusterResources") else None,
        api_responses=[_response(item or {}) for item in suite.data.get("apiCallResponses") or ()],
        global_context=_global_context(suite.data.get("globalContextEntries") or (), global_files),
        objects=objects,
    )


def _config_maps(objects: Iterable[Mapping[str, Any]]) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    keyed = ((key_of(each), each) for each in objects)
    return {
        (key.namespace or "default", key.name): each
        for key, each in keyed
        if (key.api_version, key.kind) == ("v1", "ConfigMap")
    }


def _response(item: Mapping[str, Any]) -> ApiResponse:
    response = item.get("response") or {}
    url = item.get("url") or item.get("urlPath") or ""
    return ApiResponse(url, response.get("body"), item.get("method") or "", response.get("statusCode") or 200)


def _global_context(entries: Iterable[Any], files: Mapping[str, list[Any]]) -> Mapping[str, Any] | None:
    found: dict[str, Any] = {}
    for entry in (entry or {} for entry in entries):
        name = entry.get("name") or ""
        data = entry.get("data")
        if data is None:
            data = [*(entry.get("resources") or ()), *files.get(name, ())]
        projections = {part.get("name") or "": part.get("path") or "" for part in entry.get("projections") or ()}
        try:
            found[name] = resolve_global_entry(data, entry.get("fieldPath") or "", projections or None)
        except EvaluationError as error:
            found[name] = error
    return found or None
