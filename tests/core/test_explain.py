"""The API's errors in words, in whatever shape they come."""

from __future__ import annotations

import pytest

from realtime_cli.core.explain import hint_for
from realtime_cli.core.view import Notice
from tests.support.builders import event, greeted, response_done
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


# Every code of the protocol notes that is no race.
KNOWN_CODES = [
    "account_deactivated",
    "audio_unintelligible",
    "bad_response_create",
    "beta_api_shape_disabled",
    "billing_hard_limit_reached",
    "cannot_update_voice",
    "credit_balance_exhausted",
    "inference_rate_limit_exceeded",
    "input_audio_buffer_commit_empty",
    "insufficient_quota",
    "invalid_api_key",
    "invalid_event",
    "invalid_model",
    "invalid_value",
    "item_delete_invalid_item_id",
    "item_retrieve_invalid_item_id",
    "item_truncate_invalid_item_id",
    "missing_model",
    "missing_required_parameter",
    "model_not_found",
    "rate_limit_exceeded",
    "session_expired",
    "session_storage_failed",
    "unknown_parameter",
    "unsupported_content_type",
]


@pytest.mark.parametrize("code", KNOWN_CODES)
def test_every_known_code_has_a_remedy_and_stays_readable(code: str) -> None:
    told = notice(error={"code": code, "message": "No."})
    assert (told.text, told.code, told.hint) == ("No.", code, hint_for(code))
    assert told.hint


@pytest.mark.parametrize(
    ("status", "reason", "text", "hint"),
    [
        ("cancelled", "turn_detected", "the answer was cancelled: you started to speak", ""),
        ("cancelled", "client_cancelled", "the answer was cancelled: you stopped it", ""),
        (
            "incomplete",
            "max_output_tokens",
            "the answer is incomplete: the answer reached max_output_tokens",
            "raise session.max_output_tokens",
        ),
        (
            "incomplete",
            "content_filter",
            "the answer is incomplete: the content filter stopped the answer",
            "ask in other words",
        ),
        ("incomplete", "new_reason", "the answer is incomplete: new_reason", ""),
    ],
)
def test_an_answer_that_ended_early_says_why_and_what_to_do(
    status: str, reason: str, text: str, hint: str
) -> None:
    done = response_done(status=status, status_details={"type": status, "reason": reason})
    told = listen(greeted(), done).notices[-1]
    assert (told.text, told.hint, told.code) == (text, hint, reason)


def test_an_error_ends_nothing() -> None:
    view = listen(greeted(), event("error", error={"code": "server_error"}))
    assert view.connection == "open"
