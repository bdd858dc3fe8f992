"""Which keys there are."""

from __future__ import annotations

from typing import Protocol

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from realtime_cli.visible import visible

from .controls import Controls
from .terminal import FLAGS_TOLD, SPACE_RELEASED


class Keyed(Protocol):
    """What keys do besides changing the session."""

    @property
    def reports_releases(self) -> bool:
        """Whether the terminal tells when the talk key comes up."""
        ...

    def send(self, text: str) -> None:
        """Takes a typed turn."""
        ...

    def note(self, words: str) -> None:
        """Says something for a moment."""
        ...

    def told_flags(self, flags: int) -> None:
        """Hears what the terminal reports."""
        ...

    def stop_process(self) -> None:
        """Goes to the background."""
        ...


def key_bindings(screen: Keyed, controls: Controls, buffer: Buffer) -> KeyBindings:
    """All keys but those that edit the input line."""
    keys = KeyBindings()
    _add_typing(keys, screen, controls, buffer)
    _add_talking(keys, screen, controls, buffer)

    @keys.add("c-c")
    def _(_: KeyPressEvent) -> None:
        if not controls.interrupt():
            buffer.reset()
            screen.note("Ctrl-C again leaves")

    @keys.add("escape")
    def _(_: KeyPressEvent) -> None:
        controls.cancel()

    @keys.add("escape", Keys.Any)
    def _(_: KeyPressEvent) -> None:
        """A combination with Alt that means nothing is not typed text."""

    @keys.add("c-z")
    def _(_: KeyPressEvent) -> None:
        screen.stop_process()

    return keys


def _add_typing(keys: KeyBindings, screen: Keyed, controls: Controls, buffer: Buffer) -> None:
    @keys.add("enter")
    def _(_: KeyPressEvent) -> None:
        text = buffer.text
        buffer.reset(append_to_history=bool(text.strip()))
        if text.strip():
            screen.send(text)

    @keys.add("escape", "enter")
    def _(_: KeyPressEvent) -> None:
        buffer.insert_text("\n")

    @keys.add(Keys.BracketedPaste)
    def _(event: KeyPressEvent) -> None:
        buffer.insert_text(visible(event.data.replace("\r\n", "\n").replace("\r", "\n")))

    @keys.add("c-d", filter=Condition(lambda: not buffer.text))
    def _(_: KeyPressEvent) -> None:
        controls.leave()


def _add_talking(keys: KeyBindings, screen: Keyed, controls: Controls, buffer: Buffer) -> None:
    @keys.add(" ", filter=Condition(lambda: controls.space_talks and not buffer.text.strip()))
    def _(_: KeyPressEvent) -> None:
        controls.space(is_held=screen.reports_releases)

    @keys.add(SPACE_RELEASED)
    def _(_: KeyPressEvent) -> None:
        if screen.reports_releases:
            controls.release()

    @keys.add(FLAGS_TOLD)
    def _(event: KeyPressEvent) -> None:
        screen.told_flags(int(event.data))

    @keys.add("f2")
    @keys.add("c-t")
    def _(_: KeyPressEvent) -> None:
        controls.mute()

    @keys.add("f3")
    @keys.add("c-o")
    def _(_: KeyPressEvent) -> None:
        controls.change_mode()
