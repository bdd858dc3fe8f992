"""Who decides whether a call is made."""

from __future__ import annotations

import pytest

from realtime_cli.errors import UsageError
from realtime_cli.tools import Approvals, parse_approvals


def test_without_a_policy_each_kind_of_tool_has_its_own() -> None:
    assert Approvals().decide("a", needs_approval=True) == "ask"
    assert Approvals().decide("a", needs_approval=False) == "run"


def test_a_tools_own_policy_wins_over_that_for_all() -> None:
    approvals = parse_approvals(["a=always", "never", "b=ask", "mcp=x=always"])
    assert approvals.decide("a", needs_approval=True) == "run"
    assert approvals.decide("b", needs_approval=False) == "ask"
    assert approvals.decide("mcp=x", needs_approval=True) == "run"
    assert approvals.decide("other", needs_approval=False) == "deny"


@pytest.mark.parametrize("text", ["", "maybe", "a=", "=always", "a=maybe"])
def test_what_is_no_policy_is_told(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_approvals([text])
    assert "always, never or ask" in raised.value.hint
