"""What stands beside the conversation: notices, remarks, and how much was not understood."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

from .page import Page


@dataclass(frozen=True, slots=True)
class Beside:
    """Words behind an item, or wherever a paragraph ends."""

    words: Text
    after_id: str = ""
    is_laid_out: bool = False

    def rows(self, page: Page) -> list[Text]:
        """The words as wide as the page."""
        return [self.words] if self.is_laid_out else page.wrapped(self.words)


def unknown_words(told: int, count: int, *, start: str, is_last: bool) -> Text | None:
    """How many events nobody knows; told at the first, the tenth, the hundredth one, and at the end."""
    is_due = len(str(count)) > len(str(told)) or not told
    if count == told or not (is_due or is_last):
        return None
    events = "1 event" if count == 1 else f"{count:,} events"
    return Text(f"{start}{events} of an unknown type so far: /events shows all", "info")
