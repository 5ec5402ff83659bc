"""A progress bar that appears only when a run takes long enough to wonder."""

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_PATIENCE_SECONDS = 1.0


class LateProgress:
    """Counts judged targets; draws a bar on stderr after _PATIENCE_SECONDS."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, done: int, total: int) -> None:
        if self._bar is None:
            if time.monotonic() - self._started < _PATIENCE_SECONDS:
                return
            # rich starts a thread, so it may begin only after the worker processes have been forked
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.add_task("judging", total=total)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=done)
