"""A place for a device: what is wanted there, what is open, and what to try when it is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from realtime_cli.errors import RealtimeError, UsageError

from .config import NO_DEVICE, Role
from .device_events import Trouble
from .device_stream import DeviceStream
from .devices import Device, Kind, Plan, choose, find_plan
from .portaudio import DeviceBusy, is_unexplained

# Every second at first; who has no device after a minute hardly plugs one in now.
_RETRY_S = (1.0, 5.0)
_EAGER_FAILURES = 60
# So long a device that takes the place of a lost one must run before it is trusted.
_TRIAL_S = 0.4


@dataclass(slots=True)
class Slot:
    """The place of the microphone, or of the speaker. `open_stream` raises `RealtimeError`.

    `is_used` tells whether the device runs, or waits to be started by `use`; `is_busy`, whether another
    program had the device at the last attempt.
    """

    role: Role
    wanted: str
    open_stream: Callable[[Plan], DeviceStream]
    is_used: bool
    stream: DeviceStream | None = None
    last_name: str = ""
    failures: int = 0
    is_busy: bool = False
    retry_at_s: float = field(default=0.0)
    # What to say when there is a device again; None where it was lost, "" where nobody needs to know.
    note: str | None = None
    _opened: list[DeviceStream] = field(default_factory=list[DeviceStream])

    @property
    def kind(self) -> Kind:
        """Its direction."""
        return "input" if self.role == "microphone" else "output"

    @property
    def name(self) -> str:
        """What is open; empty where nothing is."""
        return self.stream.name if self.stream else ""

    @property
    def rate_hz(self) -> int:
        """The rate of what is open."""
        return self.stream.plan.rate_hz if self.stream else 0

    @property
    def is_missing(self) -> bool:
        """Whether there should be a device and is none."""
        return self.stream is None and self.wanted != NO_DEVICE

    @property
    def hangs(self) -> bool:
        """Whether a driver hangs with a device that was here."""
        return any(stream.hangs for stream in self._opened)

    def is_due(self, now_s: float) -> bool:
        """Whether it is time to look for a device."""
        return self.is_missing and now_s >= self.retry_at_s

    def settle_for_default(self, refusal: UsageError) -> Trouble:
        """Wants the default from now on, since the wish was refused; tells so."""
        wish, self.wanted = repr(self.wanted), ""
        what = str(refusal).partition(wish)[0]
        hint = "`realtime devices --set` remembers another choice"
        return self._trouble("warning", f"{what}{wish}: the default takes its place", hint)

    def open(self, devices: Sequence[Device], now_s: float) -> None:
        """Opens the device that was there last, or else the default, or, the first time, the one wanted.

        Raises `RealtimeError` with what the first of them said.
        """
        failure: RealtimeError | None = None
        try:
            for device in self._candidates(devices):
                try:
                    self._take(self.open_stream(find_plan(device, self.kind)))
                except RealtimeError as error:
                    failure = failure or error
                else:
                    self.is_busy = isinstance(failure, DeviceBusy)
                    return
        except RealtimeError as error:  # there is nothing to choose from
            failure = failure or error
        self.failures += 1
        self.is_busy = isinstance(failure, DeviceBusy)
        self.retry_at_s = now_s + _RETRY_S[self.failures > _EAGER_FAILURES]
        raise failure or RealtimeError(f"{self.last_name} is gone")

    def _take(self, stream: DeviceStream) -> None:
        self._opened = [*(past for past in self._opened if past.hangs), stream]
        is_replacement = self.last_name and self.note is None
        if self.is_used:
            stream.start(trial_s=_TRIAL_S if is_replacement else 0.0)
        self.stream = stream
        self.last_name = stream.name
        self.failures = 0

    def _candidates(self, devices: Sequence[Device]) -> Iterator[Device]:
        same = [device for device in devices if device.channels(self.kind) and device.name == self.last_name]
        yield from same
        chosen = choose(devices, "" if self.last_name else self.wanted, self.kind)
        if chosen is not None and chosen not in same:
            yield chosen

    def use(self) -> None:
        """Lets the device run, now or as soon as there is one."""
        self.is_used = True
        if self.stream is None or self.stream.is_running:
            return
        try:
            self.stream.start()
        except RealtimeError:
            self.release()

    def release(self, note: str | None = None) -> None:
        """Lets go of the device, because it is lost or for what `note` says."""
        stream, self.stream = self.stream, None
        if stream is None:
            return
        self.retry_at_s = 0.0
        self.note = note
        stream.release()

    def reopen(self, devices: Sequence[Device], now_s: float) -> Trouble | None:
        """Opens a device as `open` does, and puts into words what the user should know of it."""
        before, failures = self.last_name, self.failures
        try:
            self.open(devices, now_s)
        except RealtimeError as error:
            return None if failures else self._missing(error)
        note, self.note = self.note, None
        if failures:
            return self._trouble("info", f"There is a {self.role} again: {self.name}")
        if note is not None:
            return self._trouble("info", note) if note else None
        if not before:
            return None
        if before == self.name:
            return self._trouble("warning", f"The {self.role} {before} stopped and was opened again")
        why = "is in use by another program" if self.is_busy else "is gone"
        return self._trouble("warning", f"The {self.role} {before} {why}; {self.name} takes its place")

    def _missing(self, error: RealtimeError) -> Trouble:
        is_gone = self.last_name and is_unexplained(error)
        why = f"{self.last_name} is gone" if is_gone else str(error)
        return self._trouble("warning", f"No {self.role}: {why}", error.hint)

    def _trouble(self, level: Literal["info", "warning"], text: str, hint: str = "") -> Trouble:
        return Trouble(level, text, hint, self.role)
