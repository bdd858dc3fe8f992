"""The raw view of a recording, and the line in which its filter is typed."""

from __future__ import annotations

import json
from collections import deque
from weakref import ref

from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding.key_processor import KeyPress, KeyPressEvent, KeyProcessor

from realtime_cli.log import LogEntry
from realtime_cli.runtime.replayer import RecordedEntry
from realtime_cli.ui.live.replay_raw import ReplayedEvents
from tests.ui.raw.scenes import console


class Shown:
    """The page of a recording, what is on its tape, and whether it was left."""

    def __init__(self) -> None:
        self.tape = deque[RecordedEntry](maxlen=100)
        self.is_left = False
        self.events = ReplayedEvents(self.tape, close=self._leave, draw=lambda: None)
        self.events.draw_on(console())
        self._keys = self.events.keys()

    def play(self, *names: str) -> None:
        """Puts events on the tape, a second after each other."""
        for number, name in enumerate(names):
            self.tape.append(LogEntry(number + 1, float(number), "in", json.dumps({"type": name})))

    def type(self, keys: str) -> None:
        """Presses keys, as a terminal sends them."""
        Vt100Parser(self._press).feed_and_flush(keys)

    @property
    def rows(self) -> list[str]:
        """All rows, without those that are empty."""
        rows = self.events.rows(width=100, height=20)
        return [row.plain.rstrip() for row in rows if row.plain.strip()]

    def _press(self, press: KeyPress) -> None:
        binding = self._keys.get_bindings_for_keys((press.key,))[-1]
        nobody = ref(KeyProcessor(self._keys))
        binding.handler(KeyPressEvent(nobody, None, [press], [], is_repeat=False))

    def _leave(self) -> None:
        self.is_left = True


def test_what_is_played_from_the_beginning_again_is_listed_once() -> None:
    shown = Shown()
    shown.play("a", "b", "c")
    assert len(shown.rows) == 5
    shown.play("d")
    shown.events.begin_anew()
    shown.play("a", "b")
    rows = shown.rows
    assert [row for row in rows[1:-1] if "c" in row.split() or "d" in row.split()] == []
    assert len(rows) == 4
    assert "2 events" in rows[0]


def test_the_filter_stays_when_it_begins_anew() -> None:
    shown = Shown()
    shown.play("a.one", "b.two")
    assert len(shown.rows) == 4
    shown.type("/a.*\r")
    assert len(shown.rows) == 3
    shown.events.begin_anew()
    shown.play("a.one", "b.two", "a.three")
    assert len(shown.rows) == 4
    assert "2 of 3 events" in shown.rows[0]


def test_a_filter_acts_while_it_is_typed_and_escape_goes_back() -> None:
    shown = Shown()
    shown.play("session.created", "response.created", "response.done")
    assert "3 events" in shown.rows[0]
    shown.type("/response")
    assert "2 of 3 events" in shown.rows[0]
    assert shown.rows[-1] == "filter: response_"
    shown.type(".done")
    assert "1 of 3 events" in shown.rows[0]
    shown.type("\x7f" * 5)
    assert "2 of 3 events" in shown.rows[0]
    shown.type("\x1b")
    assert "3 events" in shown.rows[0]
    assert not shown.is_left
    shown.type("/done\r")
    assert "1 of 3 events" in shown.rows[0]
    shown.type("/\x15")
    assert shown.rows[-1] == "filter: _"
    assert "3 events" in shown.rows[0]
    shown.type("done\r")
    assert shown.rows[-1] != "filter: done_"


def test_backspace_deletes_what_one_sees_as_a_character() -> None:
    shown = Shown()
    shown.type("/xe\u0301\x7f")
    assert shown.rows[-1] == "filter: x_"
    shown.type("\x7f\x7f")
    assert shown.rows[-1] == "filter: _"
