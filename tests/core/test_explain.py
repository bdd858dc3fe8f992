"""The API's errors in words, in whatever shape they come."""

from __future__ import annotations

import pytest

from realtime_cli.core.explain import hint_for
from realtime_cli.core.view import Notice
from tests.support.builders import event, greeted
from tests.support.playbook import listen


def notice(**fields: object) -> Notice:
    return listen(greeted(), event("error", **fields)).notices[-1]


@pytest.mark.parametrize(
    ("fields", "text", "code"),
    [
        ({"error": {"code": "invalid_value", "message": "No 'x'."}}, "No 'x'.", "invalid_value"),
        (
            {"error": {"code": "invalid_value", "message": "No.", "param": "session.voice"}},
            "No. (session.voice)",
            "invalid_value",
        ),
        ({"error": {"code": 1305, "message": "Busy."}}, "Busy.", "1305"),
        ({"error": {"code": "teapot"}}, "teapot", "teapot"),
        ({"error": {"type": "server_error"}}, "server_error", ""),
        ({"error": {}}, "an error without words", ""),
        ({}, "an error without words", ""),
        ({"error": None}, "an error without words", ""),
        ({"error": "everything is broken"}, "everything is broken", ""),
        ({"message": "Flat.", "code": "flat", "param": "x"}, "Flat. (x)", "flat"),
    ],
)
def test_an_error_of_any_shape_is_one_line(fields: dict[str, object], text: str, code: str) -> None:
    told = notice(**fields)
    assert (told.level, told.text, told.code) == ("error", text, code)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Conversation already has an active response", "conversation_already_has_active_response"),
        ("Cancellation failed: no active response found", "response_cancel_not_active"),
        ("There is no active response to cancel", "response_cancel_not_active"),
    ],
)
def test_a_race_is_known_by_its_words_where_the_code_is_missing(message: str, code: str) -> None:
    told = notice(error={"message": message, "code": None})
    assert (told.level, told.code) == ("info", code)


def test_an_error_with_a_remedy_says_it() -> None:
    assert (
        notice(error={"code": "invalid_api_key", "message": "No."}).hint == hint_for("invalid_api_key") != ""
    )
    assert notice(error={"code": "never_heard_of", "message": "No."}).hint == ""


def test_an_error_ends_nothing() -> None:
    view = listen(greeted(), event("error", error={"code": "server_error"}))
    assert view.connection == "open"
