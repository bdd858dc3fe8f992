"""What is there decides, unless one was named; a line says what it came to."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest

from realtime_cli.errors import UsageError
from realtime_cli.server.voice import activity, recognisers, synthesisers
from realtime_cli.server.voice.choose import choose_voice
from realtime_cli.server.voice.config import VoiceConfig

URL = "http://me:secret@localhost:8000"


class Machine:
    """What this machine seems to have."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.packages: set[str] = set()
        self.programs: set[str] = set()
        self.platform = "linux"
        for module in (activity, recognisers, synthesisers):
            monkeypatch.setattr(module, "find_spec", lambda name: name if name in self.packages else None)
        monkeypatch.setattr(synthesisers.shutil, "which", self._which)
        monkeypatch.setattr(synthesisers, "sys", self)

    def _which(self, name: str) -> str | None:
        return f"/usr/bin/{name}" if name in self.programs else None


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(monkeypatch)
    machine.packages.add("webrtcvad")
    return machine


def names(**config: Any) -> tuple[str, str]:
    voice = choose_voice(VoiceConfig(**config))
    return (
        voice.recogniser.name if voice.recogniser else "",
        voice.synthesiser.name if voice.synthesiser else "",
    )


def test_a_bare_machine_is_told_what_to_install(machine: Machine) -> None:
    assert names() == ("", "")
    assert choose_voice(VoiceConfig()).notice == (
        "speech: nobody speaks: install espeak-ng or the extra local, for example with pip install '.[local]'"
        "; nobody listens: install the extra local, for example with pip install '.[local]'"
    )


def test_the_extra_local_hears_and_speaks(machine: Machine) -> None:
    machine.packages |= {"pocketsphinx", "espeakng_loader"}
    assert choose_voice(VoiceConfig()).notice == (
        "speech: espeak-ng (espeakng-loader) speaks; pocketsphinx listens"
    )


@pytest.mark.parametrize(
    ("platform", "programs", "name"),
    [
        ("linux", {"espeak-ng"}, "espeak-ng"),
        ("linux", {"espeak"}, "espeak-ng"),
        ("linux", {"say", "powershell"}, ""),
        ("darwin", {"say", "espeak-ng"}, "say"),
        ("win32", {"powershell", "espeak-ng"}, "Windows speech"),
    ],
)
def test_the_system_speaks(machine: Machine, platform: str, programs: set[str], name: str) -> None:
    machine.platform, machine.programs = platform, programs
    assert names() == ("", name)


def test_a_url_goes_before_everything(machine: Machine) -> None:
    machine.packages |= {"pocketsphinx", "espeakng_loader"}
    assert names(stt_url=URL, tts_url=URL) == ("http://localhost:8000/v1", "http://localhost:8000/v1")


def test_a_whisper_model_goes_before_pocketsphinx(machine: Machine) -> None:
    machine.packages |= {"pocketsphinx", "faster_whisper"}
    assert names(whisper_model="small.en")[0] == "whisper (small.en)"


def test_what_is_named_is_taken(machine: Machine) -> None:
    machine.packages |= {"pocketsphinx", "espeakng_loader"}
    machine.platform, machine.programs = "darwin", {"say"}
    assert names(recogniser="pocketsphinx", synthesiser="espeak", stt_url=URL, tts_url=URL) == (
        "pocketsphinx",
        "espeak-ng (espeakng-loader)",
    )


def test_nobody_can_be_wished_for(machine: Machine) -> None:
    machine.packages |= {"pocketsphinx", "espeakng_loader"}
    notice = choose_voice(VoiceConfig(recogniser="none", synthesiser="none")).notice
    assert notice == "speech: nobody speaks, as you wish; nobody listens, as you wish"


def test_one_voice_for_all(machine: Machine) -> None:
    machine.packages.add("espeakng_loader")
    assert names(tts_voice="marin")[1] == "espeak-ng (espeakng-loader) (voice marin)"


def test_a_missing_detector_is_told(machine: Machine) -> None:
    machine.packages.clear()
    assert choose_voice(VoiceConfig()).notice.endswith("since webrtcvad is not installed")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"recogniser": "url"}, "recognition by URL has no URL .*--stt-url.*REALTIME_STT_URL"),
        ({"recogniser": "whisper"}, "recognition by whisper has no model"),
        ({"recogniser": "whisper", "whisper_model": "x"}, "needs the extra 'whisper'"),
        ({"recogniser": "pocketsphinx"}, "needs the extra 'local'"),
        ({"synthesiser": "url"}, "synthesis by URL has no URL .*--tts-url.*REALTIME_TTS_URL"),
        ({"synthesiser": "espeak"}, "espeak-ng is not on this machine"),
        ({"synthesiser": "say"}, "say is not on this machine"),
        ({"synthesiser": "sapi"}, "SAPI is not on this machine"),
        ({"recogniser": "ear"}, 'no recogniser is called "ear"'),
        ({"synthesiser": "mouth"}, 'no synthesiser is called "mouth"'),
    ],
)
def test_what_cannot_be_had_is_refused(machine: Machine, config: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        choose_voice(VoiceConfig(**config))
    assert caught.value.hint
    assert re.search(words, f"{caught.value} {caught.value.hint}")


def test_keys_are_not_shown() -> None:
    assert "secret" not in repr(VoiceConfig(stt_key="secret", tts_key="secret"))


def test_looking_loads_nothing_heavy() -> None:
    program = (
        "import sys; from realtime_cli.server.voice.choose import choose_voice, VoiceConfig;"
        "choose_voice(VoiceConfig());"
        "from realtime_cli.server.voice.activity import voice_activity;"
        "from realtime_cli.protocol.encoding import PCM_24K; voice_activity(PCM_24K, 0.5);"
        "heavy = {'numpy', 'pocketsphinx', 'espeakng_loader', 'webrtcvad', 'httpx2'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert told.stdout == "[]\n"
