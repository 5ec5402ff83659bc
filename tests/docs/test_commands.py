"""Every command that README and docs print is run here, and what they show as its output is what it prints."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documented_commands import Command, Step, WrittenFile, prints, steps

# docs/rules is made by docs/generate.py, which runs what it shows; test_generate.py holds it to that.
PAGES = (
    "README.md",
    "docs/admission.md",
    "docs/architecture.md",
    "docs/charts.md",
    "docs/configuration.md",
    "docs/conformance.md",
    "docs/live-cluster.md",
    "docs/output-formats.md",
    "docs/policy-coverage.md",
    "docs/pytest.md",
    "docs/rollouts.md",
    "docs/suppressions.md",
    "docs/testing-policies.md",
    "docs/writing-rules.md",
)
# Why a command is not run. test_packaging.py builds and installs the distribution without an index instead.
NETWORK = "installs packages from an index"
CLUSTER = "asks a live cluster"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_does_what_it_says(page: str, repository: Path, tmp_path: Path) -> None:
    shutil.copytree(repository / "fixtures" / "projects", tmp_path / "fixtures" / "projects")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    wrong = [line for step in read(repository, page) for line in take(step, tmp_path)]
    if wrong:
        pytest.fail("\n\n".join(wrong), pytrace=False)


def test_what_is_not_run_has_a_known_reason(repository: Path) -> None:
    not_run = [step for page in PAGES for step in read(repository, page) if isinstance(step, Command) and step.not_run]
    assert {step.not_run for step in not_run} == {NETWORK, CLUSTER}
    assert [step.text for step in not_run if "pip install " not in step.text and step.not_run == NETWORK] == []
    assert [step.text for step in not_run if "cluster" not in step.text and step.not_run == CLUSTER] == []


def test_every_page_is_known(repository: Path) -> None:
    pages = {path.relative_to(repository).as_posix() for path in (repository / "docs").glob("*.md")}
    assert pages | {"README.md"} == set(PAGES)


def read(repository: Path, page: str) -> list[Step]:
    return list(steps((repository / page).read_text("utf-8")))


def take(step: Step, folder: Path) -> list[str]:
    """What is wrong with a step when it is taken in `folder`; empty when nothing is."""
    if isinstance(step, WrittenFile):
        path = folder / step.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step.text, "utf-8")
        return []
    if step.not_run:
        return []
    done = subprocess.run(
        ["bash", "-c", step.text],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    place = f"line {step.line}: $ {step.text}"
    if step.output is not None and not prints(step.output, done.stdout):
        return [f"{place}\nprinted:\n{done.stdout}\nand not:\n{step.output}"]
    if step.output is None and done.returncode not in (0, 1):
        return [f"{place}\nended with {done.returncode}:\n{done.stdout}"]
    return []


def environment() -> dict[str, str]:
    """A shell in which the environment that runs this test is the active one."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "POLICYLINT"))}
    programs = Path(sys.executable).parent
    return {**variables, "PATH": f"{programs}{os.pathsep}{variables['PATH']}", "COLUMNS": "120"}
