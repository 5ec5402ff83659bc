"""The configuration file: found, read with positions, and converted."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from policylint.config import Config
from policylint.document.compose import ComposedDocument, ParseError, compose
from policylint.document.construct import ConstructError
from policylint.document.document import Document
from policylint.document.scalars import Dialect, resolve_core
from policylint.document.source import Source
from policylint.errors import ConfigError
from policylint.model import ROOT, Location, YamlPath
from policylint.paths import exists, is_file, is_folder, real_path

if TYPE_CHECKING:
    from policylint.config.setting import Locate

YAML_NAMES = ("policylint.yaml", ".policylint.yaml")
PYPROJECT = "pyproject.toml"
_MISNAMED = ("policylint.yml", ".policylint.yml")

# YAML 1.2's core schema, as editors read the file, and with merge keys, which keep lists of charts short
_DIALECT = Dialect("configuration", resolve_core, str, merges=True)


class _Read(NamedTuple):
    data: Any
    locate: "Locate"


def default_config(root: Path) -> Config:
    """What holds without a configuration file."""
    return Config(root=str(root))


def find_config(start: Path) -> Path | None:
    """The configuration file that holds for `start` (a file or a folder), or None.

    It is the nearest policylint.yaml, .policylint.yaml or pyproject.toml with [tool.policylint] in the folder or above
    it, up to the repository's root (the folder with `.git`) or the file system's. Raises ConfigError when one folder
    has two of them, or one under a name that is not read.
    """
    place = real_path(start)
    folder = place if is_folder(place) else place.parent
    for candidate in (folder, *folder.parents):
        found = _config_in(candidate)
        if found is not None or exists(candidate / ".git"):
            return found
    return None


def nearest_config(paths: Sequence[str]) -> Path | None:
    """The configuration nearest above what `paths` have in common, else above the working directory, or None."""
    existing = [str(Path(path).absolute()) for path in paths if path != "-" and exists(Path(path))]
    found = find_config(Path(os.path.commonpath(existing))) if existing else None
    return found or find_config(Path.cwd())


def _config_in(folder: Path) -> Path | None:
    found = [folder / name for name in YAML_NAMES if is_file(folder / name)]
    pyproject = folder / PYPROJECT
    if is_file(pyproject) and _configures(pyproject):
        found.append(pyproject)
    if len(found) > 1:
        others = " and ".join(path.name for path in found[1:])
        message = f"this folder has two configurations: {found[0].name} and {others}; keep one of them"
        raise ConfigError(message, Location(shown(found[0])))
    if not found:
        for name in _MISNAMED:
            if is_file(folder / name):
                message = f"{name} is not read: name it {name.replace('.yml', '.yaml')}"
                raise ConfigError(message, Location(shown(folder / name)))
    return found[0] if found else None


def _configures(pyproject: Path) -> bool:
    text = _bytes_of(pyproject).decode("utf-8", "replace")
    if "policylint" not in text:
        return False
    from policylint.config.toml import has_table

    return has_table(text)


def load_config(file: Path, root: Path | None = None) -> Config:
    """The configuration in `file`; `root` is the file's folder unless it is given.

    `Config.file` is the path as a user is shown it. A file called pyproject.toml is read as such, any other as YAML.
    Raises ConfigError with the place of the first thing that is wrong.
    """
    from policylint.config.convert import convert
    from policylint.config.setting import Setting

    source = _source(file)
    read = _read(file, source)
    folder = root if root is not None else file.parent
    return convert(Setting(read.data, ROOT, read.locate), str(folder), source.path)


def locate_setting(config: Config, path: YamlPath) -> Location | None:
    """Where the setting at `path` stands in the file that `config` came from; None when it came from none.

    It reads the file again, so it is for errors about settings that only the rules can judge.
    """
    if not config.file:
        return None
    file = Path(config.file)
    return _read(file, _source(file)).locate(path, "key")


def shown(file: Path) -> str:
    """The path that a user is shown: posix, relative to the current directory when it lies below it."""
    try:
        return real_path(file).relative_to(real_path(Path.cwd())).as_posix()
    except ValueError:
        return file.as_posix()


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read the configuration: {error.strerror}", Location(shown(file))) from error


def _source(file: Path) -> Source:
    raw = _bytes_of(file)
    try:
        return Source(shown(file), raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = Source(shown(file), raw[: error.start].decode("utf-8-sig", "replace"))
        message = f"the configuration is not UTF-8: byte 0x{raw[error.start]:02X}"
        raise ConfigError(message, before.location(len(before.text), len(before.text))) from error


def _read(file: Path, source: Source) -> _Read:
    if file.suffix == ".toml":
        from policylint.config.toml import KeyPlaces, read_table

        return _Read(read_table(source), KeyPlaces(source).locate)
    return _read_yaml(source)


def _read_yaml(source: Source) -> _Read:
    documents = list(compose(source.text))
    for part in documents:
        if isinstance(part, ParseError):
            raise _broken(part, source)
    composed = [part for part in documents if isinstance(part, ComposedDocument)]
    if not composed:
        return _Read({}, lambda _path, _at: Location(source.path))
    if len(composed) > 1:
        second = composed[1].base + composed[1].node.start_mark.index
        message = "a configuration is one YAML document; a second one starts here"
        raise ConfigError(message, source.location(second, second))
    try:
        document = Document(source, composed[0].node, composed[0].base, 0, _DIALECT, "configuration")
    except ConstructError as error:
        raise _broken(error.error, source, composed[0].base) from error
    for duplicate in document.duplicates:
        first = document.location_of(duplicate.first).line
        message = f"the key {duplicate.key!r} is given twice; the first one is on line {first}"
        raise ConfigError(message, document.location_of(duplicate.second))
    return _Read(document.data, document.location)


def _broken(error: ParseError, source: Source, base: int = 0) -> ConfigError:
    context = ""
    if error.context:
        context = f" {error.context} from line {source.line_and_column(base + error.context_offset)[0]}"
    index = base + error.offset
    return ConfigError(f"this is not YAML: {error.message}{context}", source.location(index, index))
