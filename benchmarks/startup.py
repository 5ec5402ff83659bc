"""What it costs to check one file: against starting Python, and against yamllint on the same file.

The three run in turn; ratios are taken pair by pair, and their medians are what counts.
"""

import sys
import tempfile
from pathlib import Path

from manifests import manifests
from measure import arguments, in_turn, program, ratio, run, verdict, wall

MOST_OF_PYTHON = 8
MOST_OF_YAMLLINT = 1


def main() -> None:
    options = arguments(__doc__, runs=21).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "one.yaml")
        file.write_text(next(manifests(1))[1], encoding="utf-8")
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "yamllint one.yaml": [program("yamllint"), str(file)],
            "policylint check one.yaml": [program("policylint"), "check", str(file)],
        }
        measured = in_turn(options.runs, *(lambda words=words: run(words) for words in commands.values()))
    for name, samples in zip(commands, measured, strict=True):
        print(f"{name:<28}{wall(samples) * 1000:7.1f} ms")
    python, yamllint, policylint = measured
    of_python, of_yamllint = ratio(policylint, python), ratio(policylint, yamllint)
    verdict("policylint / python", of_python, of_python.middle <= MOST_OF_PYTHON, f"at most {MOST_OF_PYTHON}")
    verdict("policylint / yamllint", of_yamllint, of_yamllint.middle <= MOST_OF_YAMLLINT, f"at most {MOST_OF_YAMLLINT}")


if __name__ == "__main__":
    main()
