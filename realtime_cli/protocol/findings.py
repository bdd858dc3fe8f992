"""What lint has found: where, what is wrong, what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]
Code: TypeAlias = Literal[
    "unknown_parameter",
    "invalid_value",
    "missing_required_parameter",
    "invalid_type",
    "integer_below_min_value",
    "integer_above_max_value",
    "decimal_below_min_value",
    "decimal_above_max_value",
    "string_above_max_length",
    "invalid_event",
    "input_audio_buffer_commit_empty",
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of an outgoing event, with the code that the API has for it.

    `path` is the field's (`session.audio.output.speed`, `item.content[0].text`), empty for the event itself.
    """

    path: str
    reason: str
    hint: str
    code: Code
    severity: Severity = "error"

    @property
    def message(self) -> str:
        """The fault as the API's errors put it: one sentence that names the field."""
        match self.code:
            case "unknown_parameter":
                return f"Unknown parameter: '{self.path}'."
            case "missing_required_parameter":
                return f"Missing required parameter: '{self.path}'."
            case _:
                return f"Invalid '{self.path}': {self.reason}." if self.path else f"{self.reason}."

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason
