"""Completion of commands, as prompt_toolkit wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from realtime_cli.core.view import SessionView
from realtime_cli.ui.commands import complete


class CommandCompleter(Completer):
    """Offers what may come next in a line that begins with `/`; in any other it keeps out of the way."""

    def __init__(self, view: Callable[[], SessionView]) -> None:
        self._view = view

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """What may stand at the cursor."""
        _ = complete_event
        cursor = document.cursor_position
        for found in complete(document.text, cursor, view=self._view()):
            yield Completion(found.text, found.start - cursor, found.shown, found.summary)


def completer(view: Callable[[], SessionView]) -> Completer:
    """A completer for the session that `view` shows."""
    return CommandCompleter(view)
