"""The read-only picture."""

from __future__ import annotations

import dataclasses

import pytest

from realtime_cli.core.session import Session
from realtime_cli.core.view import TokenCounts
from tests.support.builders import event, greeted
from tests.support.playbook import listen


@pytest.mark.parametrize(
    ("output", "voice"),
    [({"voice": "ash"}, "ash"), ({"voice": {"id": "voice_1"}}, "voice_1"), ({"voice": None}, ""), ({}, "")],
)
def test_the_voice_is_named_whichever_form_it_has(output: dict[str, object], voice: str) -> None:
    told = event("session.updated", session={"type": "realtime", "audio": {"output": output}})
    assert listen(greeted(), told).voice == voice


def test_a_server_may_keep_its_model_to_itself() -> None:
    assert Session().view().model == ""


def test_tokens_add_up_kind_by_kind() -> None:
    one = TokenCounts(*range(1, 12))
    assert dataclasses.astuple(one + one) == tuple(2 * number for number in range(1, 12))
    assert (one + TokenCounts()) == one
    assert one.total == 3


def test_views_are_values() -> None:
    view = greeted().view()
    with pytest.raises(dataclasses.FrozenInstanceError):
        view.turns = 5  # type: ignore[misc]  # frozen, which is the point
    assert view == greeted().view()
