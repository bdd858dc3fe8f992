from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.program import Program

collect_ignore_glob = ["test_*.py"] if sys.platform == "win32" else []


@pytest.fixture
def realtime(tmp_path: Path) -> Program:
    """The program in a home of its own."""
    return Program(tmp_path)
