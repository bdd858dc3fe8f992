"""What docstrings say of parameters."""

from __future__ import annotations

import pytest

from realtime_cli.tools.docstrings import description, parameters

GOOGLE = """Finds.

    More.

    Args:
        city: where,
            or: not
        *unit (str, optional): which

    Returns:
        x: nothing
    """
SPHINX = """Finds.

    More.

    :param str city: where,
        or: not
    :param unit: which
    :returns: x
    """


@pytest.mark.parametrize("doc", [GOOGLE, SPHINX])
def test_both_ways_are_read(doc: str) -> None:
    assert description(doc) == "Finds.\n\nMore."
    assert parameters(doc) == {"city": "where, or: not", "unit": "which"}


def test_other_text_explains_nothing() -> None:
    assert description("Note: this is text.\nx: y") == "Note: this is text.\nx: y"
    assert parameters("") == {}
    assert parameters("x: y") == {}
