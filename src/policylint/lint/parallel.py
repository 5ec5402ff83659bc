"""The same judging in worker processes: chunks of targets go out, picklable results come back."""

import multiprocessing
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from policylint.lint.runner import Judged, Progress, judge_target, merge
from policylint.lint.session import Run, RunSpec, prepare
from policylint.model import InternalError
from policylint.sources.unit import Target

_run: Run | None = None


def _start(run: Run | RunSpec) -> None:
    # a forked process is handed the run as it is; a spawned one loads the rules again, since functions out of rule
    # files cannot be pickled
    global _run  # a worker process holds the run that it was started for
    _run = run if isinstance(run, Run) else prepare(run)


def _judge_chunk(targets: Sequence[Target]) -> Judged:
    if _run is None:
        raise RuntimeError("a worker was used before it was started")
    return merge(judge_target(target, _run) for target in targets)


def judge_in_parallel(
    targets: Sequence[Target], run: Run, workers: int, chunks: int, progress: Progress | None
) -> Judged:
    """Every target judged by `workers` processes. A worker that dies costs its chunk, no more."""
    size = max(1, -(-len(targets) // chunks))
    pending_chunks = [targets[start : start + size] for start in range(0, len(targets), size)]
    parts: dict[int, Judged] = {}
    done = 0
    # forking is the cheap way in, and safe only while no other thread holds a lock
    fork = "fork" in multiprocessing.get_all_start_methods() and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if fork else "spawn")
    with ProcessPoolExecutor(workers, context, _start, (run if fork else run.spec,)) as pool:
        futures: dict[Future[Judged], int] = {
            pool.submit(_judge_chunk, chunk): number for number, chunk in enumerate(pending_chunks)
        }
        waiting = set(futures)
        while waiting:
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                number = futures[future]
                try:
                    parts[number] = future.result()
                except BrokenProcessPool:
                    parts[number] = _lost(pending_chunks[number])
                done += len(pending_chunks[number])
                if progress is not None:
                    progress(done, len(targets))
    return merge(parts[number] for number in sorted(parts))


def _lost(chunk: Sequence[Target]) -> Judged:
    message = "a worker process ended while it judged this file or one beside it"
    return Judged(errors=tuple(InternalError("", target.shown, message) for target in chunk))
