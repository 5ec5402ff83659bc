"""From what the user named to what is to be loaded: files, charts, kustomizations; and what was passed over."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from policylint.config import Config
from policylint.model import Location, NotJudged
from policylint.paths import is_file, is_folder, real_path
from policylint.sources import charts, ignores
from policylint.sources.classify import SUITE_NAMES
from policylint.sources.files import explain_os_error
from policylint.sources.ignores import Ignores
from policylint.sources.unit import UNPARSED, UNRENDERED, LoadFailure, Target

_SUFFIXES = (".yaml", ".yml", ".json", ".kubeconfig")
KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_OWN_FILES = ("policylint.yaml", ".policylint.yaml")
# each is a render of its own, and a hostile chart could have any number
_MAX_CI_VALUES = 32


class Discovery(NamedTuple):
    """`whole` is true when folders were named: only then may rules that need the whole project run.

    `passed` counts the files that are parts of a chart or kustomization and are judged through it.
    """

    targets: list[Target]
    not_judged: list[NotJudged]
    failures: list[LoadFailure]
    whole: bool
    passed: int


def discover(paths: Iterable[str], config: Config, stdin_name: str = "-") -> Discovery:
    """What is to be loaded for `paths` (files, folders, `-`), each once, in a stable order.

    `stdin_name` is the path that stdin stands for.
    """
    return _Search(config, stdin_name).run(list(paths))


class _Search:
    def __init__(self, config: Config, stdin_name: str) -> None:
        self._config = config
        self._stdin_name = stdin_name
        root = real_path(Path(config.root))
        self._excluded = [ignores.patterns(config.exclude, root.as_posix())] if config.exclude else []
        self._renders: dict[Path, list[int]] = {}
        for index, render in enumerate(config.charts):
            self._renders.setdefault(real_path(root / render.path), []).append(index)
        self._targets: dict[tuple[str, str, int, str], Target] = {}
        self._not_judged: list[NotJudged] = []
        self._failures: list[LoadFailure] = []
        self._kustomizations: dict[Path, str] = {}
        self._suites: list[Path] = []
        self._named: set[str] = set()
        self._passed = 0

    def run(self, paths: list[str]) -> Discovery:
        whole = True
        for given in paths:
            if given == "-":
                self._add(Target("stdin", "-", self._stdin_name))
                whole = False
            elif is_folder(Path(given)):
                self._folder(given)
            else:
                whole = False
                self._named_file(given)
        self._add_kustomizations()
        self._leave_out_test_data()
        if whole:
            self._add_configured_charts()
        targets = sorted(self._targets.values(), key=lambda target: (target.shown, target.render, target.ci))
        return Discovery(targets, self._not_judged, self._failures, whole, self._passed)

    def _add(self, target: Target) -> None:
        key = (target.kind, target.path, target.render, target.ci)
        known = self._targets.get(key)
        if known is None:
            self._targets[key] = target
        elif known.only:
            self._targets[key] = known._replace(only=(*known.only, *target.only) if target.only else ())

    def _named_file(self, given: str) -> None:
        shown = show(given)
        path = Path(given)
        if not os.path.lexists(path):
            self._failures.append(LoadFailure(UNPARSED, Location(shown), "no such file or folder"))
            return
        real = Path(os.path.normpath(path.absolute()))
        if ignores.is_ignored(self._excluded, real.as_posix(), False):
            # pre-commit names every file that changed, also those that the configuration leaves out
            self._not_judged.append(NotJudged(shown, 0, "file", "the configuration excludes it"))
            return
        chart = charts.chart_of(real)
        if chart is not None:
            inside = real.relative_to(chart)
            chart_shown = show(str(Path(given, *[".."] * len(inside.parts))))
            only = (_join(chart_shown, inside.as_posix()),) if charts.is_rendered(inside) else ()
            self._add_chart(chart, chart_shown, only)
        elif path.name in KUSTOMIZATION_NAMES or self._is_kustomized(real):
            self._kustomizations[real.parent] = show(str(path.parent))
        else:
            self._named.add(str(real))
            self._add_file(real, shown)

    def _is_kustomized(self, path: Path) -> bool:
        """Whether the kustomization beside `path` names it: alone it may be a patch, which is no object."""
        if not any(is_file(path.parent / name) for name in KUSTOMIZATION_NAMES):
            return False
        from policylint.sources.kustomize import kustomization_parts

        return real_path(path) in {real_path(part) for part in kustomization_parts(path.parent)}

    def _folder(self, given: str) -> None:
        folder = Path(given).absolute()
        chart = charts.chart_of(folder / "Chart.yaml") if charts.is_chart(folder) else charts.chart_of(folder)
        if chart is not None and chart != folder:
            levels = len(folder.relative_to(chart).parts)
            self._add_chart(chart, show(str(Path(given, *[".."] * levels))), ())
            return
        self._walk(Path(os.path.normpath(folder)), show(given), ignores.above(folder), None)

    def _walk(self, folder: Path, shown: str, rules: list[Ignores], chart: Path | None) -> None:
        own_rules = ignores.ignore_file(folder)
        rules = [*rules, own_rules] if own_rules is not None else rules
        if charts.is_chart(folder):
            chart = folder
            self._add_chart(folder, shown, ())
        for entry in self._entries(folder, shown):
            path, inner = folder / entry.name, _join(shown, entry.name)
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder and entry.name in ignores.SKIPPED_FOLDERS:
                continue
            posix = path.as_posix()
            if ignores.is_ignored(self._excluded, posix, is_folder) or ignores.is_ignored(rules, posix, is_folder):
                continue
            if chart is not None and charts.is_part(chart, path):
                self._passed += _count_files(path) if is_folder else 1
            elif is_folder:
                self._walk(path, inner, rules, chart)
            else:
                self._walked_file(entry, path, inner)

    def _entries(self, folder: Path, shown: str) -> Iterator["os.DirEntry[str]"]:
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            message = f"the folder cannot be listed: {explain_os_error(error)}"
            self._failures.append(LoadFailure(UNPARSED, Location(shown), message))
            return
        yield from listed

    def _walked_file(self, entry: "os.DirEntry[str]", path: Path, shown: str) -> None:
        if entry.is_symlink() and is_folder(path):
            self._not_judged.append(NotJudged(shown, 0, "symbolic link", "links to folders are not followed"))
        elif entry.name in KUSTOMIZATION_NAMES:
            self._kustomizations[path.parent] = shown.rpartition("/")[0] or "."
        elif entry.name in _OWN_FILES:
            self._passed += 1
        else:
            if entry.name in SUITE_NAMES:
                self._suites.append(path)
            self._add_file(path, shown)

    def _add_file(self, path: Path, shown: str) -> None:
        if path.name.endswith(_SUFFIXES):
            self._add(Target("file", str(path), shown))
        else:
            sort = "Dockerfile" if path.name.startswith("Dockerfile") else f"{path.suffix or path.name} file"
            self._not_judged.append(NotJudged(shown, 0, sort, "there is no reader for it"))

    def _add_chart(self, chart: Path, shown: str, only: tuple[str, ...]) -> None:
        indices = self._renders.get(real_path(chart), [-1])
        files = charts.ci_values(chart)
        for index in indices:
            with_ci = bool(files) and self._with_ci_values(index, indices)
            self._add(Target("chart", str(chart), shown, index, only, wanting=with_ci))
            for file in files[:_MAX_CI_VALUES] if with_ci else ():
                self._add(Target("chart", str(chart), shown, index, only, file))
            for file in files[_MAX_CI_VALUES:] if with_ci else ():
                reason = f"only the first {_MAX_CI_VALUES} of a chart's ci values are rendered"
                self._not_judged.append(NotJudged(_join(shown, file), 0, "values file", reason))

    def _with_ci_values(self, index: int, indices: list[int]) -> bool:
        """Whether the chart's ci values are rendered besides: unless the configuration chooses values for the chart."""
        if index < 0:
            return True
        render = self._config.charts[index]
        if render.ci_values is not None:
            return render.ci_values
        all_ = [self._config.charts[each] for each in indices]
        return not any(each.values or each.set or each.name for each in all_)

    def _add_configured_charts(self) -> None:
        for chart, indices in self._renders.items():
            if charts.is_chart(chart):
                self._add_chart(chart, show(str(chart)), ())
                continue
            for index in indices:
                written = self._config.charts[index].path
                message = f"charts: {written!r} is not a chart: {written}/Chart.yaml does not exist"
                help_ = "correct the path in `charts:`; it is relative to the configuration file"
                self._failures.append(LoadFailure(UNRENDERED, Location(self._config.file), message, help_))

    def _add_kustomizations(self) -> None:
        if not self._kustomizations:
            return
        from policylint.sources.kustomize import kustomization_parts

        parts: set[Path] = set()
        for folder in self._kustomizations:
            parts |= {real_path(part) for part in kustomization_parts(folder)}
        for folder, shown in self._kustomizations.items():
            if real_path(folder) not in parts:
                self._add(Target("kustomization", str(folder), shown))
        for key, target in list(self._targets.items()):
            if target.kind == "file" and real_path(Path(target.path)) in parts:
                del self._targets[key]
                self._passed += 1

    def _leave_out_test_data(self) -> None:
        """What suites are tested with is made to be refused; files that were named are judged all the same."""
        if not self._suites:
            return
        from policylint.sources.suite_parts import suite_data

        data = {real_path(path) for suite in self._suites for path in suite_data(suite)}
        for key, target in list(self._targets.items()):
            path = real_path(Path(target.path))
            if target.kind == "file" and target.path not in self._named and not data.isdisjoint((path, *path.parents)):
                del self._targets[key]
                reason = "a policy suite is tested with it: `policylint test` judges it"
                self._not_judged.append(NotJudged(target.shown, 0, "test data", reason))


def show(path: str) -> str:
    """How a path is printed: posix, relative to the working directory when it lies below it, else as given."""
    normal = os.path.normpath(path)
    if Path(normal).is_absolute():
        below = os.path.relpath(normal)
        normal = below if not below.startswith("..") else normal
    return PurePosixPath(normal.replace(os.sep, "/")).as_posix()


def _count_files(folder: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(folder))


def _join(folder: str, name: str) -> str:
    return name if folder == "." else f"{folder}/{name}"
