"""Turns that are more than typed words: images and sounds."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from realtime_cli.errors import BadInput, UsageError
from realtime_cli.protocol.encoding import Encoding
from realtime_cli.ui.summary import duration
from realtime_cli.visible import one_line

from .command import Command, Group, Offer, Typed
from .desk import Desk
from .files import MAX_BYTES, file_offers, read, size
from .layout import dotted, tell
from .sending import say
from .words import Line, first

_IMAGES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
_SOUNDS = (".wav",)
_PIECE_FRAMES = 1 << 16


def _image(desk: Desk, line: Line) -> None:
    name, words = first(line.rest)
    data = read(name)
    kind = kind_of_image(data)
    if kind is None:
        raise BadInput(f"{one_line(name)} is no image that the API could take", hint="PNG, JPEG, WebP or GIF")
    image = {"type": "input_image", "image_url": f"data:image/{kind};base64,{b64encode(data).decode()}"}
    text = [{"type": "input_text", "text": words}] if words else []
    say(desk, *text, image)
    _tell_what(desk, name, kind.upper(), size(len(data)))


def kind_of_image(data: bytes) -> str | None:
    """The kind of an image by its content, as MIME types name it; None where it is none that is taken."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    return "webp" if data.startswith(b"RIFF") and data[8:12] == b"WEBP" else None


def _say(desk: Desk, line: Line) -> None:
    name, more = first(line.rest)
    if more:
        raise UsageError("/say takes one file", hint="put a name with spaces into quotes")
    encoding = desk.view.audio.input_encoding
    audio = audio_of(read(name), encoding, name=one_line(name))
    say(desk, {"type": "input_audio", "audio": b64encode(audio).decode()})
    _tell_what(desk, name, duration(encoding.ms(len(audio)) / 1000), size(len(audio)))


def audio_of(wav: bytes, encoding: Encoding, *, name: str) -> bytes:
    """The sound of a WAV file in that encoding. Raises `BadInput`."""
    from realtime_cli.samples.conversion import Converter  # noqa: PLC0415 (needs numpy)
    from realtime_cli.samples.wav import WavReader  # noqa: PLC0415

    reader = WavReader(BytesIO(wav), name=name)
    converter = Converter(reader.encoding, encoding, quality="high")
    audio = bytearray()
    while block := reader.read(_PIECE_FRAMES):
        audio += converter.convert(block)
        if len(audio) > MAX_BYTES:
            most_s = encoding.ms(MAX_BYTES) / 1000
            raise BadInput(f"{name} is too long for a turn", hint=f"at most {duration(most_s)} go in")
    return bytes(audio) + converter.convert(b"", is_last=True)


def _tell_what(desk: Desk, name: str, *facts: str) -> None:
    tell(desk, dotted(desk.console, (f"sent {Path(name).name}", *facts)))


def _images(typed: Typed) -> Iterator[Offer]:
    if not typed.count:
        yield from file_offers(typed.word, *_IMAGES)


def _sounds(typed: Typed) -> Iterator[Offer]:
    if not typed.count:
        yield from file_offers(typed.word, *_SOUNDS)


GROUP = Group(
    "Turns",
    (
        Command(
            "image",
            "FILE [TEXT]",
            "show a picture",
            _image,
            _images,
            more=("PNG, JPEG, WebP, GIF; OpenAI takes the first two.", "/image photo.png What is this?"),
        ),
        Command(
            "say",
            "FILE.wav",
            "a sound file as your turn",
            _say,
            _sounds,
            more=("It is converted to what the session hears.",),
        ),
    ),
)
