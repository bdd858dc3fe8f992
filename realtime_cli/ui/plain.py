"""The conversation as lines of text: on a terminal with marks and colour, in a pipe as bare words."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from realtime_cli.core.view import ItemView, Notice, SessionView
from realtime_cli.visible import one_line

from .calls import told_words
from .flow import Flow
from .theme import can_show
from .turns import Mark, interruption, is_over, is_worth_a_line, notice_words, sign, style_of, unheard

# Typed turns that no server has confirmed; and a call that waits is among the last ones.
_MOST_ECHOED, _WATCHED = 64, 64


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """The words of an item, while more of them may come."""

    item_id: str
    flow: Flow


class PlainScreen:
    """Prints each item once, as it grows. What was printed is never touched again.

    `marks` puts a sign before each line and wraps it; without, only the assistant's words come out.
    `shows_user` prints the user's turns too, but for those that `line_entered` tells of: the terminal has
    echoed them. `prompt` stands at the end while the user may type.
    """

    def __init__(
        self,
        console: Console,
        *,
        marks: bool,
        shows_user: bool,
        notices: Console,
        prompt: str = "",
    ) -> None:
        self._console = console
        self._has_marks = marks
        self._shows_user = shows_user
        self._notices = notices
        self._prompt = prompt if can_show(console, prompt) else "> "
        self._prompts = bool(prompt)
        self._prompt_is_shown = False
        self._open: _Paragraph | None = None
        self._last_id = ""
        self._written: dict[str, int] = {}
        self._settled: set[str] = set()
        self._over: dict[str, ItemView] = {}
        self._interrupted: set[str] = set()
        self._notices_shown = 0
        self._echoed: deque[str] = deque(maxlen=_MOST_ECHOED)
        self._asked: set[str] = set()

    @property
    def console(self) -> Console:
        """Which characters and colours there are, and how wide it is."""
        return self._console

    def update(self, view: SessionView) -> None:
        """Prints what is new."""
        self._show(view, is_last=False)
        may_type = view.connection == "open" and (self._asks_approval(view) or not view.is_busy)
        if self._prompts and not self._prompt_is_shown and may_type:
            self._end_paragraph()
            self._ask()
        self._console.file.flush()

    def close(self, view: SessionView) -> None:
        """Prints the rest, whatever is missing from it."""
        self._show(view, is_last=True)
        self._leave_prompt()
        self._console.file.flush()

    def remark(self, words: str) -> None:
        """Says something beside the session, on a line of its own."""
        self.show(Text(one_line(words), "info"))

    def show(self, *rows: Text) -> None:
        """Prints rows that are made for the width, between two paragraphs."""
        was_asking = self._prompt_is_shown
        self._make_room()
        for row in rows:
            self._console.print(row)
        if was_asking:
            self._ask()

    def line_entered(self, turn: str = "") -> None:
        """Knows that the line of the prompt is over: the user pressed Enter; `turn` is what it says."""
        self._prompt_is_shown = False
        if turn:
            self._echoed.append(turn)

    def stop_asking(self) -> None:
        """Shows no prompt any more: the session ends."""
        self._prompts = False

    def line_left_empty(self) -> None:
        """Asks again: the user pressed Enter without a word."""
        if self._prompt_is_shown:
            self._ask()

    def skip(self, view: SessionView) -> None:
        """Counts everything so far as shown."""
        for item in view.items:
            if not item.awaits_transcript:
                self._written[item.id] = len(item.text)
            if is_over(item, is_busy=view.is_busy):
                self._settled.add(item.id)
        self._notices_shown = len(view.notices)

    def _ask(self) -> None:
        self._console.print(Text(self._prompt, "user"), end="", soft_wrap=True)
        self._console.file.flush()
        self._prompt_is_shown = True

    def _show(self, view: SessionView, *, is_last: bool) -> None:
        open_id = self._open.item_id if self._open else ""
        items = [item for item in view.items if is_last or self._over.get(item.id) is not item]
        if all(item.id != open_id for item in items):
            self._end_paragraph()  # the item was deleted in the middle of it
        # The open paragraph goes on before another one begins.
        for item in sorted(items, key=lambda item: item.id != open_id):
            if self._open is None or self._open.item_id == item.id or not view.is_busy:
                ends = is_last or is_over(item, is_busy=view.is_busy)
                self._show_item(view, item, ends=ends, is_last=is_last)
                if ends or item.role == "user":  # as long as it stays the same there is nothing new
                    self._over[item.id] = item
        if self._open is None or not view.is_busy:
            self._show_notices(view)

    def _show_item(self, view: SessionView, item: ItemView, *, ends: bool, is_last: bool) -> None:
        if item.kind != "message":
            if item.id not in self._settled and _is_told(item, ends=ends, is_last=is_last):
                self._settled.add(item.id)
                self._show_tool(view, item)
        elif item.role == "assistant":
            self._stream(item, ends=ends)
        elif item.role == "user" and self._shows_user and (is_last or not item.awaits_transcript):
            self._show_user(item)

    def _stream(self, item: ItemView, *, ends: bool) -> None:
        news = self._news(item)
        if news:
            if self._open is None or self._open.item_id != item.id:
                self._open = _Paragraph(item.id, self._begin("assistant"))
                self._last_id = item.id
            self._open.flow.write(news)
        if ends and self._open is not None and self._open.item_id == item.id:
            self._end_paragraph()
        if self._open is None:
            self._mark_interruption(item)

    def _news(self, item: ItemView) -> str:
        """What of an item's words is not printed yet; trimmed where a paragraph begins with it."""
        written = self._written.get(item.id, 0)
        self._written[item.id] = max(written, len(item.text))
        is_continued = self._open is not None and self._open.item_id == item.id
        news = item.text[written:]
        is_verbatim = not self._has_marks and not written
        return news if is_continued or is_verbatim else news.lstrip()

    def _mark_interruption(self, item: ItemView) -> None:
        """Says where an answer was cut off, unless something else was printed since."""
        if item.truncated_ms is None or item.id != self._last_id or item.id in self._interrupted:
            return
        self._interrupted.add(item.id)
        if self._has_marks:
            self._leave_prompt()
            self._console.print(interruption(item.truncated_ms))

    def _show_user(self, item: ItemView) -> None:
        is_new = item.id not in self._written
        words = self._news(item) or (unheard(item) if is_new else "")
        if is_new and not item.has_audio and item.text in self._echoed:
            self._echoed.remove(item.text)
            return
        if words:
            self._paragraph("user", words)

    def _show_tool(self, view: SessionView, item: ItemView) -> None:
        if self._has_marks:
            for mark, words in told_words(self._console, view, item):
                self._paragraph(mark, words)

    def _asks_approval(self, view: SessionView) -> bool:
        """Whether a call waits for a yes or a no; each is asked about once, with all of its arguments."""
        if not (self._prompts and view.is_busy):
            return False
        from .commands.calls import awaiting_approval  # noqa: PLC0415 (a pipe needs none of it)

        waiting = awaiting_approval(view, among=_WATCHED)
        for call in waiting:
            if call.id not in self._asked:
                self._asked.add(call.id)
                self._leave_prompt()
                self._paragraph("tool", f"{call.whole} waits for approval: /approve or /deny")
        return bool(waiting)

    def _paragraph(self, mark: Mark, text: str) -> None:
        flow = self._begin(mark)
        flow.write(text)
        flow.finish()

    def _begin(self, mark: Mark) -> Flow:
        self._make_room()
        self._last_id = ""
        if not self._has_marks:
            return Flow(self._console, width=None)
        start = sign(self._console, mark)
        self._console.print(start, end="", soft_wrap=True)
        return Flow(self._console, width=self._console.width, indent=start.cell_len, style=style_of(mark))

    def _make_room(self) -> None:
        """Begins a line for something new."""
        self._end_paragraph()
        self._leave_prompt()

    def _end_paragraph(self) -> None:
        if self._open is not None:
            self._open.flow.finish()
            self._open = None

    def _leave_prompt(self) -> None:
        if self._prompt_is_shown:
            self._console.print()
            self._prompt_is_shown = False

    def _show_notices(self, view: SessionView) -> None:
        for notice in filter(is_worth_a_line, view.notices[self._notices_shown :]):
            self._make_room()
            print_notice(self._notices, notice, wraps=self._has_marks)
        self._notices_shown = len(view.notices)


def _is_told(item: ItemView, *, ends: bool, is_last: bool) -> bool:
    """Whether there is all to tell of a call; what was not approved is not called."""
    if item.kind == "mcp_approval_request":
        return is_last or item.approval != "waiting"
    if item.kind == "mcp_call":
        return bool(item.output or item.error) or item.status == "completed"
    return ends


def print_notice(console: Console, notice: Notice, *, wraps: bool = False) -> None:
    """Prints a notice: what happened, which event caused it, what to do. A terminal has it wrapped anyway."""
    console.print(notice_words(console, notice), soft_wrap=not (wraps or console.is_terminal))
