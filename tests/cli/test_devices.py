"""`realtime devices`: what there is, what is chosen, whether it works; on devices in memory, and on none."""

from __future__ import annotations

import asyncio
import tomllib
from array import array

import pytest

from tests.cli.program import Program, side_by_side
from tests.support.rig import Rig, wait_until

# No sound server is ever asked, and none is started for us.
NO_SOUND = {"PULSE_SERVER": "unix:/nowhere/native", "PULSE_RUNTIME_PATH": "/nowhere"}
# The library is hidden in the way in which it is missing: nobody finds it.
HIDING = """
import ctypes.util
import sys

found = ctypes.util.find_library
ctypes.util.find_library = lambda name: None if "portaudio" in name else found(name)
sys.modules["_sounddevice_data"] = None
"""
TONE = array("h", (8000 if number // 20 % 2 else -8000 for number in range(25 * 24_000))).tobytes()


DESKS = {"desk_one": "type pulse", "desk_two": "type pulse"}


async def test_devices_are_listed_for_people_and_for_programs(realtime: Program, rig: Rig) -> None:
    table, listed = await side_by_side(
        realtime("devices", *more, env=rig.environment) for more in ((), ("--json",))
    )
    assert (table.status, listed.status) == (0, 0)
    assert (table.err, listed.err) == ("", "")
    devices = {device["name"]: device for device in listed.of_type("device")}
    assert {"default", "pulse"} <= devices.keys()
    default = devices["default"]
    assert default["is_default_input"]
    assert default["is_default_output"]
    assert 24_000 in default["input_rates_hz"]
    assert 48_000 in default["output_rates_hz"]
    assert default["output_latency_ms"] > 0
    (row,) = [line for line in table.lines if " default " in line]
    assert row.split()[0] == str(default["index"])
    assert row.count("*") == 2
    assert "24" in row


async def test_a_choice_is_remembered_and_what_is_tested_from_then_on(realtime: Program, rig: Rig) -> None:
    rig.name_devices(dict.fromkeys(("desk", "headset"), "type pulse"))
    config = realtime.file("config.toml", '# mine\nvoice = "marin"\n')
    env = {**rig.environment, "REALTIME_CONFIG": str(config)}
    names = ("--input-device", "DESK", "--output-device", "headset")
    chosen = await realtime("devices", "--set", *names, env=env)
    assert (chosen.status, chosen.out) == (0, "")
    assert str(config) in chosen.err
    for told in ("microphone: DESK, now ", " desk (ALSA); speaker: ", " headset (ALSA); from now on"):
        assert told in chosen.err
    assert config.read_text().startswith("# mine\n")
    kept = {"voice": "marin", "input_device": "DESK", "output_device": "headset"}
    assert tomllib.loads(config.read_text()) == kept
    rig.speak(TONE)
    await asyncio.to_thread(_until_it_sounds, rig)
    ear = rig.record()
    tested = await realtime("devices", "--test", "--json", env=env)
    assert tested.status == 0, tested.err
    (found,) = tested.of_type("test")
    assert (found["microphone"], found["speaker"]) == ("desk", "headset")
    assert found["loudest_dbfs"] == pytest.approx(-12.2, abs=0.3)  # 8000 of 32768
    assert found["level_dbfs"] == pytest.approx(-12.2, abs=2)
    assert 3000 <= found["played_ms"] < 3200
    assert len(ear.heard()) / 48 == pytest.approx(found["played_ms"], abs=200)
    assert "recording 3 s from desk: say something" in tested.err
    assert "\u2588" not in tested.err
    assert "#" not in tested.err
    assert "playing it on headset" in tested.err


def _until_it_sounds(rig: Rig) -> None:
    microphone = rig.record("mic.monitor")
    wait_until(lambda: any(microphone.pcm), "the tone")
    microphone.stop()


async def test_a_choice_that_fits_none_or_several_names_the_candidates(realtime: Program, rig: Rig) -> None:
    rig.name_devices(DESKS)
    several, none, number, nothing, chat = await side_by_side(
        realtime(*arguments, env=rig.environment, stdin="hello\n")
        for arguments in (
            ("devices", "--set", "--input-device", "desk"),
            ("devices", "--set", "--output-device", "nope"),
            ("devices", "--set", "--input-device", "99"),
            ("devices", "--set"),
            ("chat", "--input-device", "desk"),
        )
    )
    assert [done.status for done in (several, none, number, nothing, chat)] == [2] * 5
    for done in (several, chat):
        assert done.complaint.startswith("2 input devices match 'desk': ")
        assert "desk_one (ALSA); " in done.complaint
        assert "give its number, or more of its name" in done.err
    assert none.complaint.startswith("no output device matches 'nope': 0 ")
    assert number.complaint.startswith("no input device matches '99': 0 ")
    assert nothing.complaint == "--set needs to know what"
    assert not list(realtime.home.rglob("config.toml"))


APART = [
    (("--set", "--test"), "--set and --test contradict each other"),
    (("--set", "--loopback"), "--set and --loopback contradict each other"),
    (("--set", "--json"), "--set and --json contradict each other"),
    (("--set", "--block-ms", "10"), "--set and --block-ms contradict each other"),
    (("--test", "--loopback"), "--test and --loopback contradict each other"),
]


async def test_one_thing_is_done_at_a_time(realtime: Program) -> None:
    name = ("--input-device", "default")
    results = await side_by_side(realtime("devices", *flags, *name, env=NO_SOUND) for flags, _ in APART)
    for (_, words), done in zip(APART, results, strict=True):
        assert (done.status, done.out, done.complaint) == (2, "", words)
    assert not list(realtime.home.rglob("config.toml"))


async def test_a_list_is_not_shown_of_what_is_not_there(realtime: Program, rig: Rig) -> None:
    results = await side_by_side(
        realtime("devices", *more, "--input-device", "zz", env=rig.environment) for more in ((), ("--json",))
    )
    for done in results:
        assert (done.status, done.out) == (2, "")
        assert done.complaint.startswith("no input device matches 'zz': 0 ")
    set_elsewhere = await realtime("devices", env={**rig.environment, "REALTIME_INPUT_DEVICE": "zz"})
    assert set_elsewhere.status == 0


async def test_a_number_is_remembered_as_the_name_that_it_means_now(realtime: Program, rig: Rig) -> None:
    rig.name_devices(DESKS)
    listed = await realtime("devices", "--json", env=rig.environment)
    (number,) = [each["index"] for each in listed.of_type("device") if each["name"] == "desk_two"]
    config = realtime.file("config.toml", "")
    env = {**rig.environment, "REALTIME_CONFIG": str(config)}
    chosen = await realtime("devices", "--set", "--input-device", str(number), env=env)
    assert chosen.status == 0, chosen.err
    assert f"microphone: {number} desk_two (ALSA); from now on" in chosen.err
    assert tomllib.loads(config.read_text()) == {"input_device": "desk_two"}


async def test_what_was_remembered_and_is_not_there_today_gives_way_to_the_default(
    realtime: Program, rig: Rig
) -> None:
    rig.name_devices(DESKS)
    config = realtime.file("config.toml", 'input_device = "headset"\noutput_device = "desk"\n')
    env = {**rig.environment, "REALTIME_CONFIG": str(config)}
    tested = await realtime("devices", "--test", "--json", env=env)
    assert tested.status == 0, tested.err
    (found,) = tested.of_type("test")
    assert (found["microphone"], found["speaker"]) == ("default", "default")
    for words in ("no input device matches 'headset'", "2 output devices match 'desk'"):
        assert tested.err.count(f"warning: {words}: the default takes its place") == 1
    refused = await realtime("chat", "--input-device", "headset", env=env, stdin="hello\n")
    assert (refused.status, refused.out) == (2, "")
    assert refused.complaint.startswith("no input device matches 'headset': 0 ")


async def test_a_microphone_that_hears_nothing_is_told(realtime: Program, rig: Rig) -> None:
    quiet, alone = await side_by_side(
        realtime("devices", "--test", *missing, env=rig.environment)
        for missing in (("--output-device", "none"), ("--input-device", "none"))
    )
    assert (quiet.status, alone.status) == (0, 0)
    assert "is the microphone muted?" in quiet.err
    assert "there is no microphone" in alone.err


async def test_a_loopback_measures_delay_and_echo(realtime: Program, rig: Rig) -> None:
    silent = await realtime("devices", "--loopback", env=rig.environment)
    assert (silent.status, silent.out) == (0, "")
    assert "the microphone hears nothing of the speaker" in silent.err
    rig.loopback()
    measured = await realtime("devices", "--loopback", "--json", env=rig.environment)
    assert measured.status == 0, measured.err
    (found,) = measured.of_type("loopback")
    assert 0 < found["round_trip_ms"] < 1000
    assert found["echo_db"] == pytest.approx(0, abs=3)


async def test_a_device_that_cannot_be_opened_is_told_with_its_reason(realtime: Program, rig: Rig) -> None:
    rig.name_devices({"broken": 'type pulse\n device "nowhere"'})
    names = ("--input-device", "broken", "--output-device", "broken")
    listed, tested, looped, chat = await side_by_side(
        realtime(*arguments, env=rig.environment, stdin="hello\n")
        for arguments in (
            ("devices", "--json"),
            ("devices", "--test", *names),
            ("devices", "--loopback", *names),
            ("chat", *names),
        )
    )
    (broken,) = [device for device in listed.of_type("device") if device["name"] == "broken"]
    assert broken["input_rates_hz"] == broken["output_rates_hz"] == []
    assert listed.err == ""  # ALSA had much to say
    for done in (tested, looped):
        assert (done.status, done.out) == (1, "")
        assert "broken cannot be opened: Input/output error" in done.complaint
    assert (chat.status, len(chat.lines)) == (0, 1)
    assert "warning: No microphone: broken cannot be opened: Input/output error" in chat.err
    assert "warning: No speaker: broken cannot be opened: Input/output error" in chat.err
    assert "ALSA lib" not in tested.err + looped.err + chat.err


async def test_a_machine_without_devices_says_so(realtime: Program) -> None:
    table, listed, tested, chosen, chat = await side_by_side(
        realtime(*arguments, env=NO_SOUND, stdin="hello\n")
        for arguments in (
            ("devices",),
            ("devices", "--json"),
            ("devices", "--test"),
            ("devices", "--set", "--input-device", "desk"),
            ("chat", "--input-device", "desk"),
        )
    )
    for done in (table, listed):
        assert (done.status, done.out, done.err) == (0, "", "there are no sound devices\n")
    assert (tested.status, tested.out) == (1, "")
    assert tested.complaint == "there is no sound device to test"
    for done in (chosen, chat):
        assert (done.status, done.out) == (2, "")
        assert done.complaint == "no input device matches 'desk': there is none"


async def test_without_portaudio_one_line_says_what_to_install(realtime: Program) -> None:
    env = {**NO_SOUND, "PYTHONPATH": str(realtime.file("sitecustomize.py", HIDING).parent)}
    *without, chat = await side_by_side(
        realtime(*arguments, env=env, stdin="hello\n")
        for arguments in (
            ("devices",),
            ("devices", "--test"),
            ("devices", "--set", "--input-device", "desk"),
            ("chat", "--input-device", "default", "--output-device", "default"),
        )
    )
    for done in without:
        assert (done.status, done.out) == (1, "")
        assert done.complaint == "no sound: PortAudio library not found"
        assert "libportaudio2" in done.err
    assert (chat.status, len(chat.lines)) == (0, 1)
    assert "PortAudio library not found" in chat.err
    assert "libportaudio2" in chat.err
