"""How wide the terminal is, without loading shutil, which costs more than reading a manifest."""

import os
import sys


def columns(fallback: int) -> int:
    """The columns of the terminal that stdout is, or what COLUMNS says; `fallback` when there is neither."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or fallback  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):  # stdout is closed, or no terminal
        return fallback
