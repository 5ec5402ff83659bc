"""`policylint init`: a commented policylint.yaml to start from, with the folder's charts, and pre-commit hooks."""

import argparse
import os
import re
import sys
from pathlib import Path

from policylint.config.cluster_text import scalar
from policylint.config.file import YAML_NAMES, find_config, shown
from policylint.errors import UsageError
from policylint.paths import is_folder
from policylint.sources.charts import is_chart
from policylint.sources.ignores import SKIPPED_FOLDERS

_FILE = YAML_NAMES[0]
_PRE_COMMIT_FILE = ".pre-commit-config.yaml"
_LIBRARY = re.compile(r"""^type:[ \t]*["']?library\b""", re.MULTILINE)

_HEAD = """\
# What policylint checks here, and how. Every key is optional. `#` right before a key marks an example: take it away.
# `policylint rules` lists the rules, `policylint explain ID` says what one means.

# Rules that are off by default come in groups: `pinned` also asks for a digest on every image.
#profile: pinned

# Run only these rules, or do not run these: ids, names or families.
#select: [KYV, ROL, unpinned-image]
#ignore: [webhook-timeout-missing]

# Spare some files from some rules. Patterns are those of .gitignore.
#per-file-ignores:
#  "examples/**": [IMG]

# Files that are not read at all. What version control ignores is left out anyway.
#exclude: [vendor/]

# Severities other than a rule's own, and the least one that makes a run fail.
#severity:
#  KYV002: error
#fail-on: warning

# Kyverno policies that judge the manifests like rules: files or folders.
#policies: [policies]

# What the manifests and policies are written for. In quotes, or 1.30 would be read as 1.3.
#kubernetes-version: "1.31"
#kyverno-version: "1.13"
"""
_CHARTS_HEAD = """
# Helm charts, one entry for each render: the same chart may be listed again with other values.
"""
_EXAMPLE_CHART = """\
#charts:
#- path: charts/app
#  values: [charts/app/values-production.yaml]
#  set: {image.tag: "1.2.3"}
"""
_CLUSTER_HEAD = """
# The cluster that this goes to. Rules about rollouts need it to know whether there is room for one more pod.
"""
_EXAMPLE_CLUSTER = """\
#cluster:
#  node-pools:
#  - {name: default, count: 1, instance-type: t3.small}
#  other-pods:
#  - {name: aws-node, per: node}
#  - {name: coredns, pods: 2}
"""
_TAIL = """
# Findings that are accepted, with the reason, and until when.
#suppressions:
#- {rule: IMG001, path: "examples/**", reason: shows what not to do, until: 2030-12-31}
"""
_PRE_COMMIT = """\
repos:
- repo: local
  hooks:
  - id: policylint
    name: policylint (changed files)
    entry: policylint check --allow-empty
    language: system
    files: \\.(ya?ml|json|tpl)$
  - id: policylint-project
    name: policylint (whole project)
    entry: policylint check .
    language: system
    pass_filenames: false
    stages: [pre-push]
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `policylint init`."""
    parser.add_argument("folder", nargs="?", default=".", help="where to write (default: the current folder)")
    parser.add_argument("--force", action="store_true", help=f"overwrite a {_FILE} that is there")
    parser.add_argument(
        "--pre-commit",
        action="store_true",
        help=f"also write {_PRE_COMMIT_FILE}, or print what to add to the one that is there",
    )
    parser.add_argument(
        "--from-cluster",
        nargs="?",
        const="",
        metavar="CONTEXT",
        help="write down the nodes and pods of a live cluster (a context of your kubeconfig, the current one when it "
        "is not named), or print them when there is a configuration already. The cluster is only read",
    )


def run(args: argparse.Namespace) -> int:
    """Writes the files and says so on stdout; 0. Raises UsageError when something is in the way."""
    folder = Path(args.folder)
    if not is_folder(folder):
        raise UsageError(f"{folder.as_posix()} is not a folder")
    there = _configuration_in(folder)
    if args.from_cluster is not None and there is not None and not (args.force and there.name == _FILE):
        section = _from_cluster(args.from_cluster)
        sys.stdout.write(f"# {shown(there)} is there already; this goes into it, in place of its `cluster:`\n{section}")
    else:
        _refuse_second_configuration(there, args.force)
        section = "" if args.from_cluster is None else _from_cluster(args.from_cluster)
        charts = find_charts(folder)
        _write(folder / _FILE, starting_configuration(folder, charts, section), overwrite=args.force)
        listed = f", with {len(charts)} chart{'s' if len(charts) > 1 else ''}" if charts else ""
        sys.stdout.write(f"wrote {shown(folder / _FILE)}{listed}\n")
    if args.pre_commit:
        _pre_commit(folder / _PRE_COMMIT_FILE)
    return 0


def _from_cluster(context: str) -> str:
    from policylint.cli.cluster_option import observe_cluster
    from policylint.cli.cluster_section import cluster_section

    return cluster_section(*observe_cluster(context))


def find_charts(folder: Path) -> list[Path]:
    """The folders of charts under `folder` that can be rendered: no library charts, and no charts inside charts."""
    charts: list[Path] = []
    for place, folders, _ in os.walk(folder):
        chart = Path(place)
        if is_chart(chart):
            folders.clear()
            # what cannot be printed cannot be written into a YAML file either
            if chart.as_posix().isprintable() and not _is_library(chart):
                charts.append(chart)
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS and not name.startswith("."))
    return charts


def _is_library(chart: Path) -> bool:
    try:
        text = (chart / "Chart.yaml").read_bytes().decode("utf-8", "replace")
    except OSError:
        return False  # rendering will say what is wrong with it
    return _LIBRARY.search(text) is not None


def starting_configuration(folder: Path, charts: list[Path], cluster: str = "") -> str:
    """The text of a policylint.yaml for `folder` that lists `charts`; `cluster` is the section of that name."""
    text = _HEAD + _CHARTS_HEAD
    if charts:
        text += "charts:\n" + "".join(_chart_entry(folder, chart) for chart in charts)
    else:
        text += _EXAMPLE_CHART
    return text + _CLUSTER_HEAD + (cluster or _EXAMPLE_CLUSTER) + _TAIL


def _chart_entry(folder: Path, chart: Path) -> str:
    entry = f"- path: {scalar(chart.relative_to(folder).as_posix())}\n"
    values = [file for pattern in ("values[-.]?*.yaml", "ci/*-values.yaml") for file in sorted(chart.glob(pattern))]
    written = [file.relative_to(folder).as_posix() for file in values if file.as_posix().isprintable()]
    return entry + "".join(f"  #values: [{scalar(path)}]\n" for path in written)


def _configuration_in(folder: Path) -> Path | None:
    found = find_config(folder)
    return found if found is not None and found.parent == folder.resolve() else None


def _refuse_second_configuration(found: Path | None, force: bool) -> None:
    if found is None:
        return
    if found.name != _FILE:
        raise UsageError(f"{shown(found)} already configures policylint here")
    if not force:
        raise UsageError(f"{shown(found)} is there already; --force overwrites it")


def _pre_commit(path: Path) -> None:
    if path.exists():
        snippet = _PRE_COMMIT.removeprefix("repos:\n")
        sys.stdout.write(f"{shown(path)} is there already; add this under its `repos:`\n\n{snippet}")
        return
    _write(path, _PRE_COMMIT, overwrite=False)
    sys.stdout.write(f"wrote {shown(path)}; `pre-commit install` switches it on\n")


def _write(path: Path, text: str, overwrite: bool) -> None:
    try:
        with path.open("w" if overwrite else "x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        raise UsageError(f"cannot write {shown(path)}: {error.strerror}") from error
