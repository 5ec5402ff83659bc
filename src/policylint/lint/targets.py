"""All targets of a run, judged on every core when there are many."""

from collections.abc import Sequence
from pathlib import Path

from policylint.lint.runner import Judged, judge_target, merge
from policylint.lint.session import Run
from policylint.processes import Progress, cores
from policylint.sources.unit import Target

# Below this much text a second process costs more than it saves.
_PARALLEL_BYTES = 512 * 1024
_CHUNKS_PER_WORKER = 8


def judge_targets(targets: Sequence[Target], run: Run, progress: Progress | None = None) -> Judged:
    """Every target judged, in worker processes when that pays and the run permits it."""
    workers = min(cores(), len(targets)) if run.spec.parallel else 1
    if workers > 1 and _total_bytes(targets) >= _PARALLEL_BYTES:
        from policylint.lint.parallel import judge_in_parallel

        return judge_in_parallel(targets, run, workers, workers * _CHUNKS_PER_WORKER, progress)
    parts = []
    for done, target in enumerate(targets, 1):
        parts.append(judge_target(target, run))
        if progress is not None:
            progress(done, len(targets))
    return merge(parts)


def _total_bytes(targets: Sequence[Target]) -> int:
    total = 0
    for target in targets:
        try:
            total += Path(target.path).stat().st_size if target.kind == "file" else _PARALLEL_BYTES // 2
        except OSError:
            continue
        if total >= _PARALLEL_BYTES:
            break
    return total
