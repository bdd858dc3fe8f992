from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.support.rig import rig

__all__ = ["rig"]


@pytest.fixture
def realtime(tmp_path: Path) -> Program:
    """The program in a home of its own."""
    return Program(tmp_path)
