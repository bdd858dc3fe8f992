"""A client's event that the server will not carry out, in the API's words."""

from __future__ import annotations

from collections.abc import Iterable

from realtime_cli.protocol.server_events import Error
from realtime_cli.protocol.session import ErrorDetail


class InvalidRequestError(Exception):
    """Carries the `error` event's code, message and field path; nothing has changed when it is raised."""

    def __init__(self, message: str, *, code: str = "invalid_value", param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param

    def as_event(self, *, caused_by: str | None) -> Error:
        """The `error` event; `caused_by` is the client event's id, null where it had none."""
        return Error(
            error=ErrorDetail(
                type="invalid_request_error",
                code=self.code,
                message=self.message,
                param=self.param,
                event_id=caused_by,
            )
        )


def not_one_of(value: object, accepted: Iterable[str], *, param: str) -> InvalidRequestError:
    """The refusal of a value that is not on the list."""
    names = ", ".join(f"'{name}'" for name in accepted)
    return InvalidRequestError(f"Invalid value: '{value}'. Supported values are: {names}.", param=param)
