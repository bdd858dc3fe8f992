"""The API's codes in words: what happened, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from realtime_cli.protocol.session import ErrorDetail, Response, StatusDetails

_REASONS: Mapping[str, str] = {
    "turn_detected": "you started to speak",
    "client_cancelled": "you stopped it",
    "max_output_tokens": "the answer reached max_output_tokens",
    "content_filter": "the content filter stopped the answer",
}
_NEW_SESSION = "start a new session"
_HINTS: Mapping[str, str] = {
    "account_deactivated": "ask the account's owner, or use another key",
    "audio_unintelligible": "speak closer to the microphone, or look at its level",
    "bad_response_create": "compare the response with `realtime describe response.create`",
    "beta_api_shape_disabled": "this server no longer speaks beta; use --dialect ga",
    "billing_hard_limit_reached": "raise the account's spending limit",
    "cannot_update_voice": f"the voice is fixed once audio was spoken; {_NEW_SESSION}",
    "content_filter": "ask in other words",
    "credit_balance_exhausted": "buy more credit for this key's account",
    "inference_rate_limit_exceeded": "wait a little, then try again",
    "input_audio_buffer_commit_empty": "the server wants at least 100 ms of audio before a commit",
    "insufficient_quota": "check the plan and billing of this key's account",
    "invalid_api_key": "check the key: OPENAI_API_KEY goes to OpenAI only, REALTIME_API_KEY to any --url",
    "invalid_event": "compare the event with `realtime describe`",
    "invalid_model": "choose another model with --model",
    "invalid_value": "compare the field with `realtime describe`",
    "item_delete_invalid_item_id": "the conversation has no such item",
    "item_retrieve_invalid_item_id": "the conversation has no such item",
    "item_truncate_invalid_item_id": "the conversation has no such item",
    "max_output_tokens": "raise session.max_output_tokens",
    "missing_model": "choose a model with --model",
    "missing_required_parameter": "compare the event with `realtime describe`",
    "model_not_found": "check --model, and whether this key may use it",
    "rate_limit_exceeded": "wait a little, then try again",
    "session_expired": "the session reached the server's limit; start a new one",
    "session_storage_failed": "the server could not keep the session; try again",
    "unknown_parameter": "remove the field, or check its place with `realtime describe`",
    "unsupported_content_type": "only an item with audio can be truncated, once some of it was sent",
}
# RFC 6455 and what Realtime servers make of it (protocol notes, section 3).
_CLOSE_CODES: Mapping[int, str] = {
    1000: "the server ended the session",
    1001: "the server went away or ended the session",
    1002: "a protocol error",
    1003: "the server does not take this kind of data",
    1005: "closed without a code",
    1006: "the connection broke",
    1007: "the server could not read a frame",
    1008: "refused by policy: the key, a limit, or no free place",
    1009: "a message was too big",
    1011: "the server failed, or missed a ping",
    1012: "the server restarts",
    1013: "the server is overloaded; try again later",
    3000: "refused: not authorized",
    4000: "refused: the request's shape",
}
_ENDS: Mapping[str, str] = {
    "failed": "failed",
    "incomplete": "is incomplete",
    "cancelled": "was cancelled",
}
_NO_REASON = "the server gave no reason"
# Races that every client meets now and then; nothing is wrong.
ACTIVE_RESPONSE = "conversation_already_has_active_response"
NOT_ACTIVE = "response_cancel_not_active"
BENIGN = frozenset({ACTIVE_RESPONSE, NOT_ACTIVE})


def hint_for(code: str) -> str:
    """What to do about an error code; empty where there is no advice."""
    return _HINTS.get(code, "")


def code_of(detail: ErrorDetail) -> str:
    """The error's code. Old and foreign servers leave it out: the races are then known by their words."""
    if detail.code:
        return str(detail.code)
    message = (detail.message or "").lower()
    if "already has an active response" in message:
        return ACTIVE_RESPONSE
    if "cancellation failed" in message or "no active response" in message:
        return NOT_ACTIVE
    return ""


def error_text(detail: ErrorDetail) -> str:
    """An error in one line; never empty."""
    words = detail.message or str(detail.code or "") or str(detail.type or "") or "an error without words"
    return words if not detail.param else f"{words} ({detail.param})"


def why_not_completed(response: Response) -> tuple[str, str]:
    """Why a response ended early, in words, and the code behind it; empty for one that completed."""
    if response.status in (None, "completed", "in_progress"):
        return "", ""
    details = response.status_details
    if isinstance(details, str):
        return details, ""
    return _why(details) if details else (_NO_REASON, "")


def _why(details: StatusDetails) -> tuple[str, str]:
    if isinstance(details.error, ErrorDetail):
        return error_text(details.error), str(details.error.code or "")
    if isinstance(details.error, str):
        return details.error, ""
    reason = details.reason or ""
    return _REASONS.get(reason, reason or _NO_REASON), reason


def end_text(status: str, why: str) -> str:
    """An answer that did not complete, in one line."""
    return f"the answer {_ENDS.get(status, f'ended as {status}')}: {why}"


def close_text(code: int | None, reason: str) -> str:
    """A closed connection in one line."""
    if code is None:
        words = "the connection broke without a close frame"
    else:
        words = f"{_CLOSE_CODES.get(code, 'closed')} (close code {code})"
    return f"{words}: {reason}" if reason else words
