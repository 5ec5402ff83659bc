"""Questions to the file system about names that files contain, which may be anything: too long, in a cycle, no names.

What cannot be looked at is not there; pathlib raises an error for some of these, and not the same in every version.
"""

import os
from pathlib import Path


def is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 -- see above


def is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 -- see above


def exists(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 -- see above


def real_path(path: Path) -> Path:
    """`path`, absolute and without links as far as they can be followed."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return path.absolute()
