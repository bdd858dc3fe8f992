"""What `import realtime_cli` offers."""

from __future__ import annotations

import subprocess
import sys

import pytest

import realtime_cli


def test_names_are_sorted_and_there() -> None:
    assert realtime_cli.__all__ == sorted(realtime_cli.__all__)
    for name in realtime_cli.__all__:
        assert getattr(realtime_cli, name) is not None


def test_every_name_has_one_home() -> None:
    assert set(realtime_cli._HOME_OF) == set(realtime_cli.__all__) == set(dir(realtime_cli))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'frobnicate'"):
        _ = realtime_cli.frobnicate  # type: ignore[attr-defined]  # that is the point


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys, realtime_cli; print([n for n in sys.modules if n.startswith('realtime_cli.')])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
