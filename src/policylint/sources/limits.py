"""Running another program on untrusted input: without a shell, without a network, within time, memory and output."""

import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Literal, NamedTuple

TIME_LIMIT = 30.0  # seconds
OUTPUT_LIMIT = 64 * 1024 * 1024  # bytes
# Writable memory, not address space: Go reserves far more address space than it ever touches.
MEMORY_LIMIT = 1024 * 1024 * 1024  # bytes

# Nothing listens on port 1, so every HTTP client that honours proxies fails at once instead of leaving the machine.
_DEAD_PROXY = "http://127.0.0.1:1"
_PASSED_ON = ("PATH", "HOME", "SYSTEMROOT", "USERPROFILE", "LANG")
_CHUNK = 1 << 16

Exceeded = Literal["", "time", "output"]


class Ran(NamedTuple):
    """How a program ended. `exceeded` names the limit that it was killed for; then its output is incomplete."""

    code: int
    output: bytes
    errors: str
    exceeded: Exceeded
    time_limit: float = TIME_LIMIT

    @property
    def out_of_memory(self) -> bool:
        """Whether the Go runtime gave up for want of memory: it says so as its last words."""
        return self.code != 0 and ("out of memory" in self.errors or "cannot allocate memory" in self.errors)

    @property
    def limit_message(self) -> str:
        """Which limit ended the run, as the end of a sentence; empty when none did."""
        if self.exceeded == "time":
            return f"took longer than {self.time_limit:g} seconds and was stopped"
        if self.exceeded == "output":
            return f"wrote more than {OUTPUT_LIMIT // 1024**2} MiB and was stopped"
        return f"needed more than {MEMORY_LIMIT // 1024**2} MiB of memory" if self.out_of_memory else ""


def find_program(name: str, environment: Mapping[str, str]) -> str | None:
    """The absolute path of the program `name`, never one of the current folder, which may be the linted repository."""
    import os
    import shutil

    folders = environment.get("PATH", os.defpath).split(os.pathsep)
    found = shutil.which(name, path=os.pathsep.join(folder for folder in folders if Path(folder).is_absolute()))
    return found if found is not None and Path(found).is_absolute() else None


def offline_environment(scratch: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """An environment from `environment` in which Helm, kustomize and git find no plugins, no cache and no network.

    `scratch` is an empty folder for whatever they want to write.
    """
    clean = {name: environment[name] for name in _PASSED_ON if name in environment}
    clean.update(dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), _DEAD_PROXY))
    places = ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME", "HELM_PLUGINS", "HELM_REPOSITORY_CACHE")
    folders = (*places, "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "KUSTOMIZE_PLUGIN_HOME")
    clean.update({name: str(scratch / "home") for name in folders})
    clean.update({name: str(scratch / "home" / "none") for name in ("HELM_REPOSITORY_CONFIG", "HELM_REGISTRY_CONFIG")})
    clean.update({name: str(scratch) for name in ("TMPDIR", "TEMP", "TMP")})
    return {**clean, "HELM_NO_PLUGINS": "1", "KUBECONFIG": str(scratch / "none"), "GIT_ALLOW_PROTOCOL": "none"}


def run_limited(
    command: list[str],
    scratch: Path,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    time_limit: float = TIME_LIMIT,
    output_limit: int = OUTPUT_LIMIT,
) -> Ran:
    """Run `command` in the folder `scratch` and wait for it; kill it with all its children at a limit.

    Raises OSError when the program cannot be started.
    """
    import subprocess
    import tempfile
    import threading

    exceeded: list[Exceeded] = []
    collected: dict[str, list[bytes]] = {"output": [], "errors": []}
    with tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        child = subprocess.Popen(
            command,
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=scratch,
            env=dict(environment),
            start_new_session=True,
            bufsize=0,
        )
    _limit_memory(child.pid)

    def drain(name: str, pipe: IO[bytes]) -> None:
        size = 0
        while chunk := pipe.read(_CHUNK):
            size += len(chunk)
            if size > output_limit:
                exceeded.append("output")
                _kill(child.pid)
                return
            collected[name].append(chunk)

    pipes = {"output": child.stdout, "errors": child.stderr}
    readers = [
        threading.Thread(target=drain, args=(name, pipe), daemon=True)
        for name, pipe in pipes.items()
        if pipe is not None
    ]
    for reader in readers:
        reader.start()
    try:
        child.wait(time_limit)
    except subprocess.TimeoutExpired:
        exceeded.append("time")
    finally:
        _kill(child.pid)
        child.wait()
        for reader in readers:
            reader.join(5)
        for pipe in pipes.values():
            if pipe is not None:
                pipe.close()
    errors = b"".join(collected["errors"]).decode("utf-8", "replace")
    return Ran(child.returncode, b"".join(collected["output"]), errors, exceeded[0] if exceeded else "", time_limit)


def _kill(process: int) -> None:
    """Kill `process` and everything it started; nothing happens when they are gone."""
    import os
    import signal

    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            os.kill(process, signal.SIGTERM)
        else:
            os.killpg(process, signal.SIGKILL)


def _limit_memory(process: int) -> None:
    if sys.platform == "linux":
        import resource

        # it has ended, or a stricter limit is in force
        with contextlib.suppress(ProcessLookupError, PermissionError, ValueError):
            resource.prlimit(process, resource.RLIMIT_DATA, (MEMORY_LIMIT, MEMORY_LIMIT))
