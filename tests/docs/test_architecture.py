"""The layers that docs/architecture.md shows are those that import-linter enforces."""

import re
import tomllib
from pathlib import Path


def test_the_layers_are_the_ones_that_are_enforced(repository: Path) -> None:
    contracts = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    enforced = [layer for contract in contracts if contract["type"] == "layers" for layer in contract["layers"]]
    block = re.search(r"```text\n(.*?)```", (repository / "docs/architecture.md").read_text("utf-8"), re.DOTALL)
    assert block is not None
    assert [re.split(r" {2,}", line)[0] for line in block[1].splitlines()] == enforced
