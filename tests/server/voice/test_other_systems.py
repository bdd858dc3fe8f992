"""`say` of macOS and the speech of Windows: how they are asked, with stand-ins that answer like them."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest

from realtime_cli.server.voice.espeak_command import EspeakCommand
from realtime_cli.server.voice.mac_say import MacSay
from realtime_cli.server.voice.port import SpeechFailed, Synthesiser
from realtime_cli.server.voice.sapi import Sapi, ssml
from tests.support.speech import need, speech_share

needs_sh = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")

# Speaks with espeak-ng what comes on stdin, into the file behind -o; has no voice Karen.
SAY = """#!/bin/sh
echo "$@" >> "$0.log"
while [ $# -gt 0 ]; do
  case $1 in -o) file=$2; shift;; -v) voice=$2; shift;; -r) rate=$2; shift;; esac
  shift
done
if [ "$voice" = Karen ]; then echo "Voice 'Karen' not found." >&2; exit 1; fi
espeak-ng -s "$rate" --stdin -w "$file"
"""
# Answers one line, then fails in the middle of the next question, then goes away.
POWERSHELL = """#!/bin/sh
echo "$@" > "$0.log"
read line; echo "$line" >> "$0.log"; echo AQACAAMA
read line; echo '!There is no voice.'
read line; exit 1
"""


def program(folder: Path, text: str) -> str:
    path = folder / "program"
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def log_of(command: str) -> list[str]:
    return Path(f"{command}.log").read_text().splitlines()


async def said(synthesiser: Synthesiser, text: str = "Hello there!", *, voice: str = "alloy") -> bytes:
    return b"".join([piece async for piece in synthesiser.speak(text, voice=voice, speed=1.5)])


@needs_sh
async def test_say_speaks_into_a_file(tmp_path: Path) -> None:
    need("espeak-ng")
    command = program(tmp_path, SAY)
    assert speech_share(await said(MacSay(command), voice="ash")) > 0.5
    arguments = log_of(command)[0].split()
    assert arguments[:4] == ["-v", "Ralph", "-r", "270"]
    assert "--data-format=LEI16@24000" in arguments
    assert arguments[-2:] == ["-f", "-"]


@needs_sh
async def test_say_without_the_voice_speaks_with_its_own(tmp_path: Path) -> None:
    need("espeak-ng")
    command = program(tmp_path, SAY)
    assert speech_share(await said(MacSay(command), voice="coral")) > 0.5
    assert "-v" not in log_of(command)[-1].split()


@pytest.mark.skipif(sys.platform != "darwin", reason="say is a part of macOS")
async def test_this_mac_speaks() -> None:
    assert speech_share(await said(MacSay())) > 0.5


@needs_sh
async def test_windows_is_asked_line_by_line(tmp_path: Path) -> None:
    command = program(tmp_path, POWERSHELL)
    sapi = Sapi(command)
    assert await said(sapi, "5 < 6", voice="marin") == b"\1\0\2\0\3\0"
    started, asked = log_of(command)
    assert started.startswith("-NoProfile -NonInteractive -EncodedCommand ")
    assert "SpeakSsml" in base64.b64decode(started.split()[-1]).decode("utf-16-le")
    assert base64.b64decode(asked).decode() == ssml("5 < 6", voice="marin", speed=1.5)
    with pytest.raises(SpeechFailed, match="Windows speech failed: There is no voice"):
        await said(sapi)
    with pytest.raises(SpeechFailed, match="Windows speech broke off"):
        await said(sapi)
    await sapi.close()


@pytest.mark.skipif(sys.platform != "win32", reason="SAPI is a part of Windows")
async def test_this_windows_speaks() -> None:
    sapi = Sapi()
    assert speech_share(await said(sapi)) > 0.5
    await sapi.close()


def test_ssml_has_voice_pitch_and_rate() -> None:
    text = ssml("5 < 6 & 7", voice="shimmer", speed=0.5)
    assert '<voice gender="female"><prosody pitch="+22%" rate="-50%">5 &lt; 6 &amp; 7</prosody>' in text


@needs_sh
async def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    command = program(tmp_path, "#!/bin/sh\ncat >/dev/null; echo 'no such voice' >&2; exit 3\n")
    with pytest.raises(SpeechFailed, match="failed: no such voice"):
        await said(EspeakCommand(command))


@needs_sh
async def test_a_command_that_writes_no_wav_says_so(tmp_path: Path) -> None:
    command = program(tmp_path, "#!/bin/sh\ncat >/dev/null; echo nonsense\n")
    with pytest.raises(SpeechFailed, match="espeak-ng: what it wrote is not a WAV file"):
        await said(EspeakCommand(command))
