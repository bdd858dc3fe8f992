"""Which keys there are."""

from __future__ import annotations

from typing import Protocol

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import Completion
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from realtime_cli.visible import visible

from .controls import Controls
from .terminal import FLAGS_TOLD, SPACE_RELEASED

_HELP = "?"


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

    def open_raw(self) -> None:
        """Shows the events instead of the conversation."""
        ...


def key_bindings(screen: Keyed, controls: Controls, buffer: Buffer) -> KeyBindings:
    """All keys but those that edit the input line."""
    keys = KeyBindings()
    _add_typing(keys, screen, controls, buffer)
    _add_talking(keys, screen, controls, buffer)

    @keys.add("c-c")
    def _(_: KeyPressEvent) -> None:
        if not controls.interrupt(is_typing=bool(buffer.text)):
            buffer.reset()
        screen.note("Ctrl-C again leaves")

    @keys.add("escape")
    @keys.add("escape", "escape")  # pressed twice at once
    def _(_: KeyPressEvent) -> None:
        if buffer.complete_state is not None:
            buffer.cancel_completion()
        else:
            controls.cancel()

    @keys.add("escape", Keys.Any)
    def _(_: KeyPressEvent) -> None:
        """A combination with Alt that means nothing is not typed text."""

    @keys.add("c-y", filter=Condition(lambda: controls.is_asked and not buffer.text))
    def _(_: KeyPressEvent) -> None:
        controls.approve(approves=True)

    @keys.add("c-n", filter=Condition(lambda: controls.is_asked and not buffer.text))
    def _(_: KeyPressEvent) -> None:
        controls.approve(approves=False)

    @keys.add("c-e", filter=Condition(lambda: not buffer.text))
    @keys.add("f4")
    def _(_: KeyPressEvent) -> None:
        screen.open_raw()

    @keys.add("c-z")
    def _(_: KeyPressEvent) -> None:
        screen.stop_process()

    return keys


def _add_typing(keys: KeyBindings, screen: Keyed, controls: Controls, buffer: Buffer) -> None:
    @keys.add("enter", filter=Condition(lambda: _chosen(buffer) is not None))
    def _(_: KeyPressEvent) -> None:
        """Takes the chosen completion."""
        buffer.complete_state = None

    @keys.add("tab")
    def _(_: KeyPressEvent) -> None:
        _complete(buffer, step=1)

    @keys.add("s-tab")
    def _(_: KeyPressEvent) -> None:
        _complete(buffer, step=-1)

    @keys.add("enter", filter=Condition(lambda: _chosen(buffer) is None))
    def _(_: KeyPressEvent) -> None:
        buffer.text = text = buffer.text.rstrip()
        buffer.reset(append_to_history=bool(text))
        if text:
            screen.send(text)

    @keys.add("escape", "enter")
    def _(_: KeyPressEvent) -> None:
        buffer.insert_text("\n")

    @keys.add(Keys.BracketedPaste)
    def _(event: KeyPressEvent) -> None:
        buffer.insert_text(visible(event.data.replace("\r\n", "\n").replace("\r", "\n")))

    @keys.add("?", filter=Condition(lambda: not buffer.text))
    def _(_: KeyPressEvent) -> None:
        screen.send(_HELP)

    @keys.add("c-d", filter=Condition(lambda: not buffer.text))
    def _(_: KeyPressEvent) -> None:
        controls.leave()


def _chosen(buffer: Buffer) -> Completion | None:
    return buffer.complete_state.current_completion if buffer.complete_state else None


def _complete(buffer: Buffer, *, step: int) -> None:
    """Chooses the next completion; takes the only one."""
    if buffer.complete_state is None:
        buffer.start_completion(insert_common_part=True)
    elif step > 0:
        buffer.complete_next()
    else:
        buffer.complete_previous()


def _add_talking(keys: KeyBindings, screen: Keyed, controls: Controls, buffer: Buffer) -> None:
    @keys.add(" ", filter=Condition(lambda: controls.space_talks and not buffer.text.strip()))
    def _(_: KeyPressEvent) -> None:
        if controls.is_muted:
            screen.note("muted: Ctrl-T unmutes")
        else:
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
