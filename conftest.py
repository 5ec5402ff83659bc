"""Fixtures of the project's own tests, and what keeps them off the network and out of the user's home."""

import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

# a busy machine is no defect: no test of this project fails for taking long
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a test reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """`write({"a/b.yaml": text})`: a project of these files in a fresh folder, which is made the working directory."""

    def write_files(files: Mapping[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return write_files


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this checkout."""
    return Path(__file__).parent


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The public test data, where POLICYLINT_CORPORA or a folder beside the checkout provides it."""
    given = os.environ.get("POLICYLINT_CORPORA")
    path = Path(given) if given else Path(__file__).parent.parent / "shared" / "corpora"
    if not path.is_dir():
        pytest.skip("the corpora are not here: set POLICYLINT_CORPORA to their folder")
    return path
