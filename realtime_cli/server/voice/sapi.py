"""Synthesis by Windows (SAPI 5, through .NET's System.Speech), in one PowerShell that stays."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import AsyncGenerator
from html import escape

from .espeak import speakable
from .port import SpeechFailed
from .processes import Child
from .speakers import speaker

# A line of base64 SSML in, a line of base64 PCM out, or "!" and what went wrong.
_SCRIPT = """
$ErrorActionPreference = 'Stop'
Add-Type -AssemblyName System.Speech
$speech = New-Object System.Speech.Synthesis.SpeechSynthesizer
$format = New-Object System.Speech.AudioFormat.SpeechAudioFormatInfo(24000,
  [System.Speech.AudioFormat.AudioBitsPerSample]::Sixteen, [System.Speech.AudioFormat.AudioChannel]::Mono)
while ($null -ne ($line = [Console]::In.ReadLine())) {
  try {
    $ssml = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($line))
    $sound = New-Object IO.MemoryStream
    $speech.SetOutputToAudioStream($sound, $format)
    $speech.SpeakSsml($ssml)
    $speech.SetOutputToNull()
    [Console]::Out.WriteLine([Convert]::ToBase64String($sound.ToArray()))
  } catch {
    [Console]::Out.WriteLine('!' + $_.Exception.Message.Split([char]10)[0].Trim())
  }
}
"""
_SSML = (
    '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US">'
    '<voice gender="{gender}"><prosody pitch="{pitch:+d}%" rate="{rate:+d}%">{text}</prosody></voice></speak>'
)


class Sapi:
    """The voices of Windows."""

    name = "Windows speech"

    def __init__(self, command: str = "powershell") -> None:
        script = b64encode(_SCRIPT.encode("utf-16-le")).decode()
        arguments = ["-NoProfile", "-NonInteractive", "-EncodedCommand", script]
        self._child = Child([command, *arguments], name=self.name)

    async def speak(self, text: str, *, voice: str, speed: float) -> AsyncGenerator[bytes, None]:
        """Gives the sound in one piece."""
        question = b64encode(ssml(text, voice=voice, speed=speed).encode())
        answer = (await self._child.ask(question)).strip()
        if answer.startswith(b"!"):
            raise SpeechFailed(f"{self.name} failed: {answer[1:].decode('utf-8', 'replace')}")
        try:
            pcm = b64decode(answer, validate=True)
        except Error:
            raise SpeechFailed(f"{self.name} answered nonsense") from None
        if pcm:
            yield pcm[: len(pcm) & ~1]

    async def close(self) -> None:
        """Ends the process."""
        await self._child.close()


def ssml(text: str, *, voice: str, speed: float) -> str:
    """The text in SSML, as the voice speaks it."""
    how = speaker(voice)
    return _SSML.format(
        gender=how.gender,
        pitch=how.pitch - 50,
        rate=round(100 * how.speed * speed) - 100,
        text=escape(speakable(text)),
    )
