"""The same judging in worker processes: chunks of targets go out, picklable results come back."""

from collections.abc import Sequence

from policylint.lint.runner import Judged, judge_target, merge
from policylint.lint.session import Run, RunSpec, prepare
from policylint.model import InternalError
from policylint.processes import Progress, can_fork, spread
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
    parts = spread(
        targets,
        _judge_chunk,
        _lost,
        workers=workers,
        chunks=chunks,
        progress=progress,
        start=_start,
        arguments=(run if can_fork() else run.spec,),
    )
    return merge(parts)


def _lost(chunk: Sequence[Target]) -> Judged:
    message = "a worker process ended while it judged this file or one beside it"
    return Judged(errors=tuple(InternalError("", target.shown, message) for target in chunk))
