"""`.ci/check`, with tools that only say how they end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).parents[2] / ".ci/check"
TOOLS = ("ruff", "mypy", "pyright", "lint-imports", "pytest")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script")


@pytest.mark.parametrize("failing", [None, "ruff", "pytest"])
def test_it_leaves_no_files_behind(tmp_path: Path, failing: str | None) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "kept").mkdir()
    for tool in TOOLS:
        script = tmp_path / "bin" / tool
        script.write_text(f"#!/bin/sh\necho {tool} was here\nexit {int(tool == failing)}\n", encoding="utf-8")
        script.chmod(0o755)
    done = subprocess.run(
        [CHECK, "--no-tests"],
        env={"PATH": os.environ["PATH"], "VIRTUAL_ENV": str(tmp_path), "TMPDIR": str(tmp_path / "kept")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (failing is not None), done.stderr
    assert f"{failing or 'pytest'} was here" in done.stdout
    assert list((tmp_path / "kept").iterdir()) == []
