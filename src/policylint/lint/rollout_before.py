"""What ran before: the same paths in a git revision or in another folder, and how a release differs from there."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from policylint.config import ChartRender, Config
from policylint.errors import UsageError
from policylint.lint.releases import Loaded, LoadedRelease, load_releases
from policylint.paths import exists, is_file, is_folder, real_path
from policylint.sources.discover import discover
from policylint.sources.revision import revision_tree
from policylint.sources.unit import LoadFailure


class Before(NamedTuple):
    """The old releases. `label` names where they are from; `folder` stands for `counterpart` of today; `notes`
    say what is left out."""

    label: str
    loaded: Loaded
    folder: Path
    counterpart: Path
    notes: tuple[str, ...] = ()

    def of(self, new: LoadedRelease, alone: bool) -> LoadedRelease | None:
        """What `new` was; None when it is new. A release that is `alone` stands for the only one of before."""
        old = self.loaded.releases
        if alone and len(old) == 1:
            return old[0]
        place = str(_rebased(Path(new.place), self.counterpart, self.folder)) if new.place else ""
        same = [each for each in old if each.place == place]
        return next((each for each in same if (each.render, each.ci) == (new.render, new.ci)), None)

    def shown(self, failure: LoadFailure) -> str:
        """A failure of before, in one sentence that names no temporary folder."""
        prefix = f"{self.folder.as_posix()}/"
        where = failure.location.path.removeprefix(prefix)
        return f"{where}:{failure.location.line}: {failure.message.replace(prefix, '')}"


@contextmanager
def before(given: str, paths: Sequence[str], config: Config) -> Iterator[Before]:
    """The releases of before: `given` is a folder or file that exists, else a git revision.

    A folder that holds the `paths` as well (taken from the working directory) is an older copy of it; otherwise it
    stands for the one path. Raises UsageError when it is neither a folder nor a revision, or fits no path.
    """
    if exists(Path(given)):
        yield _in_folder(Path(given), paths, config)
        return
    with _in_revision(given, paths, config) as found:
        yield found


def _in_folder(folder: Path, paths: Sequence[str], config: Config) -> Before:
    here, label = Path.cwd(), folder.as_posix()
    folder = Path(os.path.normpath(folder.absolute()))
    named = [Path(os.path.normpath(Path(path).absolute())) for path in paths if path != "-"]
    inside = [path for path in named if path.is_relative_to(here)]
    there = [_rebased(path, here, folder) for path in inside]
    if is_folder(folder) and there and all(exists(path) for path in there) and len(inside) == len(named):
        loaded = load_releases([str(path) for path in there], _moved(config, here, folder), {})
        return Before(label, loaded, folder, here)
    if len(paths) != 1:
        missing = next((path for path in there if not exists(path)), folder)
        raise UsageError(f"--before {label}: {_short(missing)} does not exist; compare one PATH at a time")
    counterpart = named[0] if named else folder
    stand_in = config._replace(charts=tuple(_stand_in(each, config, counterpart, folder) for each in config.charts))
    return Before(label, load_releases([str(folder)], stand_in, {}), folder, counterpart)


@contextmanager
def _in_revision(revision: str, paths: Sequence[str], config: Config) -> Iterator[Before]:
    if "-" in paths:
        raise UsageError("stdin has no older revision: name a folder with --before")
    named = [Path(path) for path in paths]
    root = next((path if is_folder(path) else path.parent for path in named if exists(path)), Path.cwd())
    with revision_tree(root, revision, _wanted(named, config), missing_ok=True) as tree:
        if config.charts and not real_path(Path(config.root)).is_relative_to(tree.top):
            message = f"{config.file} is outside of the repository, so its charts cannot be rendered as of {revision}"
            raise UsageError(message)
        there = [place for path in named if (place := tree.place_of(path)) is not None and exists(place)]
        loaded = Loaded((), (), (), ())
        if there:
            loaded = load_releases([str(path) for path in there], _moved(config, tree.top, tree.folder), {})
        left_out = tuple(f"{item.path}: {item.reason}" for item in tree.left_out)
        yield Before(revision, loaded, tree.folder, tree.top, left_out)


def _wanted(named: Sequence[Path], config: Config) -> Sequence[Path]:
    """What is needed of the revision: the paths, charts that they are parts of, values files; everything where
    kustomizations may refer to anything."""
    targets = discover([str(path) for path in named if exists(path)], config).targets
    if any(target.kind == "kustomization" for target in targets):
        return ()
    root = Path(config.root)
    values = [root / file for render in config.charts for file in render.values]
    inside = [file for file in values if not _is_outside(file, root)]
    charts = [Path(target.path) for target in targets if target.kind == "chart"]
    return [*named, *inside, *charts]


def _is_outside(file: Path, root: Path) -> bool:
    return not real_path(file).is_relative_to(real_path(root))


def _moved(config: Config, counterpart: Path, folder: Path) -> Config:
    """The configuration for the copy of `counterpart` in `folder`."""
    root = os.path.relpath(real_path(Path(config.root)), real_path(counterpart))
    return config._replace(root=os.path.normpath(folder / root))


def _stand_in(render: ChartRender, config: Config, counterpart: Path, folder: Path) -> ChartRender:
    """The render with whatever lies in `counterpart` taken from `folder`."""

    def place(path: str) -> str:
        here = Path(os.path.normpath(Path(config.root, path).absolute()))
        there = here.is_relative_to(counterpart) and is_folder(folder)
        return str(_rebased(here, counterpart, folder)) if there else path

    return render._replace(path=place(render.path), values=tuple(map(place, render.values)))


def _rebased(path: Path, counterpart: Path, folder: Path) -> Path:
    """`path`, with `folder` for `counterpart`; itself when it lies elsewhere."""
    for here in (path, real_path(path)):
        for top in (counterpart, real_path(counterpart)):
            if here.is_relative_to(top):
                return folder / here.relative_to(top)
    return path


def _short(path: Path) -> str:
    below = os.path.relpath(path)
    return below if not below.startswith("..") and not is_file(path) else path.as_posix()
