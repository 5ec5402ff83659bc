"""The distributions: what they hold, and that an installed one works without the checkout."""

import json
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

import policylint

DATA = {
    "policylint/admission/kinds/kinds.json",
    "policylint/admission/schema/kyverno.json",
    "policylint/admission/schema/sigstore.json",
    "policylint/capacity/instance_types.json",
    "policylint/config/schema.json",
    "policylint/lint/rule.schema.json",
    "policylint/py.typed",
}

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: nginx
"""


@pytest.fixture(scope="module")
def distributions(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that was built from it and not from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(repository)],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="module")
def wheel(distributions: Path) -> Path:
    return distributions / f"policylint-{policylint.__version__}-py3-none-any.whl"


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a virtual environment with the wheel, and with this one's packages as dependencies."""
    folder = tmp_path_factory.mktemp("installed")
    builder = venv.EnvBuilder(symlinks=True)
    builder.create(folder)
    python = builder.ensure_directories(folder).env_exe
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    # plain lines in a .pth file only extend sys.path: the editable install's own .pth files take no effect there
    own = next(folder.glob("lib/python*/site-packages"), folder / "Lib" / "site-packages")
    outer = Path(pytest.__file__).parents[1]
    (own / "dependencies.pth").write_text(f"{outer}\n")
    return Path(python).parent


def run(installed: Path, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    program, *arguments = command
    return subprocess.run(
        [str(installed / program), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def files_below(folder: Path) -> Iterator[str]:
    """The files below `folder`, without what tools leave there."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and path.suffix != ".pyc" and not name.startswith(".") and "/." not in name:
            yield name


def test_the_wheel_holds_the_package_its_rules_and_its_data_and_nothing_else(wheel: Path, repository: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = set(files_below(repository / "src"))
    rules = {f"policylint/rules/{name}" for name in files_below(repository / "rules")}
    assert names == package | rules
    assert names >= DATA


def test_the_wheel_carries_its_licence_and_its_doors(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        info = next(PurePosixPath(name).parent for name in archive.namelist() if name.endswith("/METADATA"))
        metadata = archive.read(f"{info}/METADATA").decode()
        entry_points = archive.read(f"{info}/entry_points.txt").decode()
        assert f"{info}/licenses/LICENSE" in archive.namelist()
    assert "License-Expression: Apache-2.0\n" in metadata
    assert "policylint = policylint.cli:main" in entry_points
    assert "[pytest11]\npolicylint = policylint.pytest_plugin" in entry_points


def test_the_source_distribution_holds_what_the_tests_need(distributions: Path) -> None:
    with tarfile.open(distributions / f"policylint-{policylint.__version__}.tar.gz") as archive:
        tops = {PurePosixPath(name).parts[1] for name in archive.getnames()}
    assert tops >= {
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "conftest.py",
        "docs",
        "fixtures",
        "pyproject.toml",
        "rules",
        "src",
        "tests",
    }


def test_an_installed_wheel_has_the_same_rules_as_the_checkout(
    installed: Path, repository: Path, tmp_path: Path
) -> None:
    here = [sys.executable, "-m", "policylint", "rules", "--output-format", "json"]
    checkout = subprocess.run(here, cwd=tmp_path, capture_output=True, text=True, check=True)
    there = run(installed, tmp_path, "policylint", "rules", "--output-format", "json")
    assert json.loads(there.stdout) == json.loads(checkout.stdout)
    assert there.stderr == ""
    place = run(installed, tmp_path, "python", "-c", "import policylint; print(policylint.__file__)").stdout.strip()
    assert not Path(place).is_relative_to(repository)


def test_an_installed_wheel_judges_a_manifest(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    done = run(installed, tmp_path, "policylint", "check", "--output-format", "json", "pod.yaml")
    findings = json.loads(done.stdout)["findings"]
    assert [(found["rule"], found["line"], found["column"]) for found in findings] == [("IMG001", 8, 12)]
    assert done.returncode == 1


def test_an_installed_wheel_reads_its_table_of_instance_types(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "policylint.yaml").write_text(
        "cluster:\n  node-pools:\n  - {name: default, count: 1, instance-type: t3.smal}\n"
    )
    done = run(installed, tmp_path, "policylint", "check", ".")
    assert done.returncode == 2
    assert "t3.small" in done.stderr


def test_an_installed_wheel_explains_a_declarative_rule(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "policylint", "explain", "webhook-refused-by-api")
    assert done.stdout.startswith("# HOK002 webhook-refused-by-api\n")
    assert done.returncode == 0


def test_an_installed_wheel_is_a_pytest_plugin(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    done = run(
        installed, tmp_path, "python", "-m", "pytest", "--policylint", "-v", "-p", "no:cacheprovider", "pod.yaml"
    )
    assert "pod.yaml::Pod/web::IMG001 FAILED" in done.stdout
    assert done.returncode == 1
