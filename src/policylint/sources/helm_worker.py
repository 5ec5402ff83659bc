"""Render one chart with helm-python-sdk, in a process of its own: `python -I helm_worker.py FOLDER`.

FOLDER is where the package `helm_python` is. The request is a JSON object on standard input, the answer one on
standard output. The process exists because the library holds a Go runtime that a fork would break and that nothing
but the end of the process can stop. It imports nothing of policylint, so that it starts fast and needs no path to it.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

# A value set on the command line is an integer in templates, but one that went through JSON is a float, which Go
# prints with an exponent from here on (fmt, verb %v).
_FIRST_PRINTED_WITH_EXPONENT = 1_000_000

_SEMVER_CHART = {
    "Chart.yaml": "apiVersion: v2\nname: versions\nversion: 0.1.0\n",
    "templates/answer.yaml": "{{ semverCompare .Values.range .Capabilities.KubeVersion.Version }}\n",
}


class _RefusedError(Exception):
    """The request cannot be honoured exactly; the message says why."""


def main() -> None:
    sys.path.append(sys.argv[1])
    helm = import_module("helm_python")
    request = json.load(sys.stdin)
    answer: dict[str, Any]
    try:
        answer = _render(helm, request)
    except _RefusedError as error:
        answer = {"error": str(error)}
    except helm.HelmError as error:
        answer = {"error": str(error)}
    json.dump(answer, sys.stdout)


def _render(helm: Any, request: dict[str, Any]) -> dict[str, Any]:
    chart = helm.Chart.load(request["chart"])
    metadata = chart.metadata
    have = {dependency["name"] for dependency in chart.dependencies}
    declared = [dependency.get("name", "") for dependency in metadata.get("dependencies") or []]
    missing = [name for name in declared if name not in have]
    if missing:
        return {"missing": missing}
    wanted = metadata.get("kubeVersion")
    if wanted and not _is_compatible(helm, wanted, request["kube_version"]):
        given = request["kube_version"].removeprefix("v")
        raise _RefusedError(f"chart requires kubeVersion: {wanted} which is incompatible with Kubernetes v{given}")
    options = {name: request[name] for name in ("name", "namespace", "kube_version", "api_versions")}
    templates = _native_render(helm, chart, _values(helm, request), options)
    return {"templates": templates, "crds": [[crd["filename"], crd["data"]] for crd in chart.crds]}


def _native_render(helm: Any, chart: Any, values: dict[str, Any], options: dict[str, Any]) -> dict[str, str]:
    """Chart.render with the options that its Python signature leaves out (kube_version, api_versions)."""
    native = import_module(f"{helm.__name__}._native")
    text = native.call_string("helm_render", chart._raw(), json.dumps(values), json.dumps(options))
    rendered: dict[str, str] = json.loads(text)
    return rendered


def _is_compatible(helm: Any, version_range: str, kube_version: str) -> bool:
    """helm/pkg/chartutil/compatible.go `IsCompatibleRange`, asked of Helm's own template function for it."""
    folder = Path("semver")
    for name, text in _SEMVER_CHART.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    options = {"kube_version": kube_version}
    try:
        answer = _native_render(helm, helm.Chart.load(str(folder)), {"range": version_range}, options)
    except helm.HelmRenderError:
        return False  # not a range: Helm calls that incompatible too
    return any(text.strip() == "true" for text in answer.values())


def _values(helm: Any, request: dict[str, Any]) -> dict[str, Any]:
    """The values files and then the `set` expressions, merged as helm/pkg/cli/values/options.go `MergeValues` does."""
    values: dict[str, Any] = {}
    for path in request["values"]:
        values = _merge(values, helm.values_from_yaml(Path(path).read_text(encoding="utf-8-sig")))
    for expression in request["set"]:
        parsed = helm.parse_set_string(expression)
        if request["values"] and _has_list_index(expression):
            raise _RefusedError(
                f"set {expression}: a list index on top of values files is only supported by the helm program"
            )
        if _has_large_integer(parsed):
            raise _RefusedError(
                f"set {expression}: integers of seven and more digits are only supported by the helm program"
            )
        values = _merge(values, parsed)
    return values


def _has_list_index(expression: str) -> bool:
    return any("[" in part.partition("=")[0] for part in expression.split(","))


def _has_large_integer(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_large_integer(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_large_integer(item) for item in value)
    return isinstance(value, int) and abs(value) >= _FIRST_PRINTED_WITH_EXPONENT


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        known = result.get(key)
        result[key] = _merge(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return result


if __name__ == "__main__":
    main()
