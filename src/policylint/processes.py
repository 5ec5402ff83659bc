"""Work spread over processes: chunks go out, picklable results come back in the order of the chunks.

What it takes to start processes is imported when some are started: most runs do without.
"""

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[int, int], None]


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def can_fork() -> bool:
    """Whether worker processes can be forked, the cheap way in: safe only while no other thread holds a lock."""
    import multiprocessing
    import threading

    return "fork" in multiprocessing.get_all_start_methods() and threading.active_count() == 1


def spread(
    items: Sequence[Item],
    work: Callable[[Sequence[Item]], Result],
    lost: Callable[[Sequence[Item]], Result],
    *,
    workers: int,
    chunks: int,
    progress: Progress | None = None,
    start: Callable[..., None] | None = None,
    arguments: tuple[Any, ...] = (),
) -> list[Result]:
    """What `work` makes of each of about `chunks` chunks of `items`, done by `workers` processes.

    A process that dies costs its chunk, for which `lost` answers, no more. Each begins with `start(*arguments)`.
    `progress` hears how many items are done, of how many.
    """
    import multiprocessing
    from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
    from concurrent.futures.process import BrokenProcessPool

    size = max(1, -(-len(items) // chunks))
    pending = [items[first : first + size] for first in range(0, len(items), size)]
    parts: dict[int, Result] = {}
    done = 0
    context = multiprocessing.get_context("fork" if can_fork() else "spawn")
    with ProcessPoolExecutor(workers, context, start, arguments) as pool:
        futures: dict[Future[Result], int] = {pool.submit(work, chunk): number for number, chunk in enumerate(pending)}
        waiting = set(futures)
        while waiting:
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                number = futures[future]
                try:
                    parts[number] = future.result()
                except BrokenProcessPool:
                    parts[number] = lost(pending[number])
                done += len(pending[number])
                if progress is not None:
                    progress(done, len(items))
    return [parts[number] for number in sorted(parts)]
