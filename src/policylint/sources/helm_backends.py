"""Helm itself: the `helm` program, or helm-python-sdk in a child process. Both give the same texts for a chart.

The program is preferred: it is the version that the user deploys with, and it starts faster.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from policylint.sources.limits import TIME_LIMIT, Ran, find_program, offline_environment, run_limited

# Helm's own default follows the version that it was built against, so charts would render differently with each helm.
# This one is known to Helm 3.19 and 4, and is recent enough that charts choose the API versions of today's clusters.
DEFAULT_KUBE_VERSION = "1.34.0"

_HEADER = re.compile(r"^---\n# Source: ([^\n]+)\n", re.MULTILINE)
# helm/pkg/release/v1/util/manifest.go `sep`
_SEPARATOR = re.compile(r"(?:^|\s*\n)---\s*")
_CONTENT = re.compile(r"^[ \t]*[^#\s]", re.MULTILINE)
_ERROR = re.compile(r"^Error: (.*)", re.MULTILINE | re.DOTALL)
_DEBUG_HINT = re.compile(r"\s*^Use --debug flag.*", re.MULTILINE | re.DOTALL)
_WARNING = re.compile(r"\bwarning: (.+)|\blevel=WARN msg=\"(.+?)\"", re.IGNORECASE)
_BROKEN_YAML = "YAML parse error on "
_HOOK = re.compile(r"^\s+[\"']?helm\.sh/hook[\"']?:[ \t]*[\"']?([\w, -]*)", re.MULTILINE)
# helm/pkg/release/v1/util/manifest_sorter.go `events`; Helm drops an object with any other hook
_HOOKS = frozenset(
    f"{when}-{what}" for when in ("pre", "post") for what in ("install", "delete", "upgrade", "rollback")
) | {"test", "test-success"}


class Job(NamedTuple):
    """What to render. Paths are absolute; everything else has been checked to be well-formed."""

    chart: Path
    chart_name: str
    release: str
    namespace: str
    values: tuple[Path, ...]
    set: tuple[str, ...]
    kube_version: str
    api_versions: tuple[str, ...]


class Output(NamedTuple):
    """What Helm answered. `documents` maps `chart/templates/x.yaml` to its documents as Helm ordered them.

    `error` is Helm's message when it failed; `missing` names dependencies that are declared and not there; `limit`
    says which limit of ours ended it. When the rendered text is not YAML, there are both documents and an error.
    """

    documents: Mapping[str, list[str]] = {}
    error: str = ""
    missing: tuple[str, ...] = ()
    limit: str = ""
    warnings: tuple[str, ...] = ()


def run_helm(job: Job, scratch: Path, environment: Mapping[str, str], time_limit: float = TIME_LIMIT) -> Output | None:
    """What Helm answers within `time_limit` seconds; None when there is no Helm. `scratch` is a folder to write in."""
    program = find_program("helm", environment)
    try:
        if program is not None:
            return render_with_program(program, job, scratch, environment, time_limit)
        folder = sdk_folder()
        return render_with_sdk(folder, job, scratch, environment, time_limit) if folder is not None else None
    except OSError as error:
        return Output(error=f"{error.filename or 'helm'} cannot be started: {error.strerror}")


def render_with_program(
    program: str, job: Job, scratch: Path, environment: Mapping[str, str], time_limit: float = TIME_LIMIT
) -> Output:
    """`helm template`, without a cluster, plugins, a network, or anything from the user's Helm configuration."""
    command = [program, "template", job.release, str(job.chart), "--include-crds"]
    command += [f"--namespace={job.namespace}", f"--kube-version={job.kube_version}"]
    command += [f"--api-versions={version}" for version in job.api_versions]
    command += [f"--values={_csv(str(path))}" for path in job.values]
    command += [f"--set={expression}" for expression in job.set]
    clean = offline_environment(scratch, environment)
    ran = run_limited(command, scratch, clean, time_limit=time_limit)
    error = _program_error(ran)
    if error.startswith(_BROKEN_YAML) and not ran.limit_message:
        # only then does helm print what it rendered in spite of its error: each template as a whole, then the hooks
        # once more, and no resource definitions
        whole = run_limited([*command, "--debug"], scratch, clean, time_limit=time_limit)
        chunks = _chunks(whole.output, job.chart_name)
        return Output({name: _split(texts[0]) for name, texts in chunks.items()}, error, limit=whole.limit_message)
    if ran.limit_message:
        return Output(limit=ran.limit_message)
    chunks = _chunks(ran.output, job.chart_name)
    documents = {name: [document for text in texts for document in _split(text)] for name, texts in chunks.items()}
    return Output(documents, error, warnings=_warnings(ran.errors))


def _chunks(output: bytes, chart_name: str) -> dict[str, list[str]]:
    """What `helm template` printed, by the template that each stretch is from."""
    text = output.decode("utf-8", "replace")
    # a resource definition may hold such a comment itself, of the chart that it was taken from
    headers = [header for header in _HEADER.finditer(text) if header.group(1).startswith(f"{chart_name}/")]
    ends = [*(header.start() for header in headers[1:]), len(text)]
    chunks: dict[str, list[str]] = {}
    for header, end in zip(headers, ends, strict=False):
        chunks.setdefault(header.group(1), []).append(text[header.end() : end])
    return chunks


def _program_error(ran: Ran) -> str:
    if ran.code == 0 or ran.limit_message:
        return ""
    match = _ERROR.search(ran.errors)
    text = match.group(1) if match is not None else ran.errors
    return _DEBUG_HINT.sub("", text).strip() or f"helm ended with status {ran.code} and said nothing"


def _csv(text: str) -> str:
    """`text` as one field of the comma-separated list that helm's --values takes."""
    return '"' + text.replace('"', '""') + '"'


def sdk_folder() -> str | None:
    """Where the package `helm_python` is installed, or None. Nothing of it is imported."""
    from importlib.util import find_spec

    spec = find_spec("helm_python")
    return str(Path(spec.origin).parent.parent) if spec is not None and spec.origin else None


def render_with_sdk(
    folder: str, job: Job, scratch: Path, environment: Mapping[str, str], time_limit: float = TIME_LIMIT
) -> Output:
    """helm-python-sdk, in a child process."""
    import json
    import sys

    from policylint.sources import helm_worker

    request = job._asdict() | {
        "chart": str(job.chart),
        "name": job.release,
        "values": [str(path) for path in job.values],
    }
    command = [sys.executable, "-I", helm_worker.__file__, folder]
    stdin = json.dumps(request).encode()
    ran = run_limited(command, scratch, offline_environment(scratch, environment), stdin, time_limit=time_limit)
    if ran.limit_message:
        return Output(limit=ran.limit_message)
    try:
        answer: dict[str, Any] = json.loads(ran.output)
    except ValueError:
        last = ran.errors.strip().rpartition("\n")[2]
        return Output(error=f"helm-python-sdk ended with status {ran.code}: {last or 'it said nothing'}")
    if "templates" not in answer:
        return Output(error=answer.get("error", ""), missing=tuple(answer.get("missing", ())))
    texts: dict[str, list[str]] = {}
    for path, text in answer["crds"]:
        texts.setdefault(path, []).extend(_split(text))
    for path, text in sorted(answer["templates"].items()):
        if path.rpartition("/")[2] != "NOTES.txt":
            texts.setdefault(path, []).extend(document for document in _split(text) if _is_kept(document))
    return Output(texts, warnings=_warnings(ran.errors))


def _split(text: str) -> list[str]:
    """The documents of one template as Helm cuts them (`SplitManifests`), without those that hold only comments."""
    documents = (part.strip() for part in _SEPARATOR.split(text.strip()))
    return [document for document in documents if _CONTENT.search(document)]


def _is_kept(document: str) -> bool:
    hooks = _HOOK.search(document)
    return hooks is None or all(hook.strip().lower() in _HOOKS for hook in hooks.group(1).split(","))


def _warnings(errors: str) -> tuple[str, ...]:
    found = (match.group(1) or match.group(2) for match in _WARNING.finditer(errors))
    return tuple(dict.fromkeys(found))
