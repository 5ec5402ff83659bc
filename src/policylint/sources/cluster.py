"""A live cluster, read once: nodes, pods and what limits them. Only when the user asks for it, and only by listing.

The kubeconfig is the user's own, found as kubectl finds it (KUBECONFIG, else ~/.kube/config), never one of the linted
repository. A credential plugin that it names is run, as kubectl would run it.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from policylint.errors import UsageError

_TIME_LIMIT = 60.0  # seconds, for everything
_CONNECT_TIMEOUT = 5.0
_READ_TIMEOUT = 20.0
_PAGE = 500  # objects, as kubectl asks for
_OUTPUT_LIMIT = 256 * 1024 * 1024  # bytes; ten thousand pods are about 10 MB

Objects = Sequence[Mapping[str, Any]]


class Reading(NamedTuple):
    """What a cluster held at `when` (UTC). `objects` are trimmed API objects by resource (`nodes`, `pods`,
    `replicasets`, `resourcequotas`, `limitranges`, `poddisruptionbudgets`, `horizontalpodautoscalers`); `denied` says
    of each resource that could not be listed why, and how to allow it."""

    context: str
    when: datetime
    objects: Mapping[str, Objects]
    denied: Mapping[str, str] = {}


def read_cluster(
    context: str = "", *, environment: Mapping[str, str] = os.environ, time_limit: float = _TIME_LIMIT
) -> Reading:
    """Reads the cluster of a kubeconfig context, the current one when it is empty, in at most `time_limit` seconds.

    Raises UsageError when it cannot be read, or not without the nodes; the message holds no credentials.
    """
    import json
    import sys
    import tempfile

    from policylint.sources import cluster_worker
    from policylint.sources.limits import run_limited

    folder = _client_folder()
    request = {
        "context": context,
        "kubeconfig": kubeconfig(environment),
        "page": _PAGE,
        "connect_timeout": min(_CONNECT_TIMEOUT, time_limit),
        "read_timeout": min(_READ_TIMEOUT, time_limit),
    }
    command = [sys.executable, "-I", cluster_worker.__file__, folder]
    with tempfile.TemporaryDirectory() as scratch:
        # the client writes keys into temporary files, which go with this folder, however it ends
        given = {**environment, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), scratch)}
        stdin = json.dumps(request).encode()
        ran = run_limited(command, Path(scratch), given, stdin, time_limit, _OUTPUT_LIMIT)
    if ran.exceeded == "time":
        raise UsageError(f"reading the cluster took longer than {time_limit:g} seconds and was stopped")
    if ran.exceeded:
        raise UsageError(f"the cluster has more than {_OUTPUT_LIMIT // 1024**2} MiB to say, which is too much")
    try:
        answer: dict[str, Any] = json.loads(ran.output)
    except ValueError as error:
        last = ran.errors.strip().rpartition("\n")[2].partition(":")[0]
        raise UsageError(f"reading the cluster failed: {last or f'status {ran.code}'}") from error
    if "failure" in answer:
        raise UsageError(answer["failure"])
    if "nodes" in answer["denied"]:
        raise UsageError(f"nothing can be said without nodes: {answer['denied']['nodes']}")
    return Reading(answer["context"], datetime.now(UTC), answer["objects"], answer["denied"])


def kubeconfig(environment: Mapping[str, str]) -> str:
    """The paths of the user's kubeconfig files, as in KUBECONFIG, absolute."""
    given = environment.get("KUBECONFIG") or str(Path("~/.kube/config").expanduser())
    return os.pathsep.join(str(Path(path).expanduser().absolute()) for path in given.split(os.pathsep) if path)


def _client_folder() -> str:
    """Where the kubernetes client is installed; nothing of it is imported here."""
    from importlib.util import find_spec

    spec = find_spec("kubernetes")
    if spec is None or not spec.origin:
        raise UsageError("reading a cluster needs the kubernetes client: `pip install 'policylint[cluster]'`")
    return str(Path(spec.origin).parent.parent)
