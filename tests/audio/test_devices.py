from __future__ import annotations

import subprocess
import sys

import pytest

from realtime_cli.audio.devices import Device, choose
from realtime_cli.errors import RealtimeError, UsageError
from tests.support.patience import PATIENCE_S

WASAPI, MME = "Windows WASAPI", "MME"


def device(
    index: int, name: str, *, host_api: str = "ALSA", inputs: int = 1, outputs: int = 1, default: bool = False
):
    return Device(
        index=index,
        name=name,
        host_api=host_api,
        input_channels=inputs,
        output_channels=outputs,
        default_rate_hz=48_000,
        input_latency_ms=10,
        output_latency_ms=10,
        is_default_input=default,
        is_default_output=default,
    )


DEVICES = [
    device(0, "Built-in Microphone", outputs=0),
    device(1, "USB Headset", default=True),
    device(2, "USB Headset Pro"),
    device(3, "Speakers", inputs=0),
]


def chosen(wanted: str, kind="input", devices=DEVICES) -> str:
    found = choose(devices, wanted, kind)
    assert found is not None
    return f"{found.index} {found.name}"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", "1 USB Headset"),
        ("2", "2 USB Headset Pro"),
        ("built", "0 Built-in Microphone"),
        ("PRO", "2 USB Headset Pro"),
        ("usb headset", "1 USB Headset"),
    ],
    ids=["default", "number", "part", "any case", "whole name"],
)
def test_a_device_is_meant_by_number_or_by_part_of_its_name(wanted, found):
    assert chosen(wanted) == found


def test_none_means_no_device():
    assert choose(DEVICES, "none", "input") is None


@pytest.mark.parametrize(
    ("wanted", "kind", "words"),
    [
        ("usb", "input", ["2 input devices match", "1 USB Headset", "2 USB Headset Pro"]),
        ("piano", "input", ["no input device matches", "Built-in Microphone", "USB Headset"]),
        ("speakers", "input", ["no input device matches"]),
        ("built", "output", ["no output device matches", "3 Speakers"]),
        ("9", "output", ["no output device matches"]),
    ],
    ids=["two", "none", "speaker as microphone", "microphone as speaker", "no such number"],
)
def test_a_name_that_fits_none_or_two_is_refused_with_the_candidates(wanted, kind, words):
    with pytest.raises(UsageError) as caught:
        choose(DEVICES, wanted, kind)
    assert all(word in str(caught.value) for word in words)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_windows_lists_each_device_for_every_host_api_and_wasapi_is_meant():
    devices = [
        device(0, "Headset (USB)", host_api=MME, default=True),
        device(1, "Headset (USB)", host_api=WASAPI),
    ]
    assert chosen("headset", devices=devices) == "1 Headset (USB)"
    assert chosen("0", devices=devices) == "0 Headset (USB)"


def test_a_machine_without_sound_has_nothing_to_choose():
    with pytest.raises(RealtimeError, match="no sound input device") as caught:
        choose([], "", "input")
    assert not isinstance(caught.value, UsageError)
    assert "another program" in caught.value.hint


def test_a_machine_without_portaudio_names_the_package(tmp_path):
    # The library is looked for when sounddevice is imported: a fresh process that finds none.
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    program = (
        "from realtime_cli.audio.devices import list_devices\n"
        "from realtime_cli.errors import RealtimeError\n"
        "try: list_devices()\n"
        "except RealtimeError as error: print(error, error.hint, sep='|')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{program}"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    message, hint = done.stdout.strip().split("|")
    assert message == "no sound: PortAudio library not found"
    assert "install" in hint


def test_the_room_is_entered_without_loading_portaudio():
    modules = "devices, device_stream, keeper, local, player, portaudio, streams"
    program = f"import sys; from realtime_cli.audio import {modules}; print('sounddevice' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    assert done.stdout.strip() == "False"
