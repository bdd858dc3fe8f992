"""Recognition and synthesis by OpenAI-compatible servers, over real sockets."""

from __future__ import annotations

import asyncio
import json
from io import BytesIO

import pytest

from realtime_cli.errors import UsageError
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.samples.wav import WavReader
from realtime_cli.server.voice.port import Hints, Recogniser, SpeechFailed, Synthesiser
from realtime_cli.server.voice.url_recogniser import UrlRecogniser
from realtime_cli.server.voice.url_synthesiser import UrlSynthesiser
from tests.server.brains.chat_server import ChatServer, Reply, Request, chat_server
from tests.support.serving import eventually
from tests.support.speech import ULAW, silence

KEY = "sk-very-secret-key"
HINTS = Hints("de", "a robot")
PAGE = Reply((b"<!DOCTYPE html><title>Sign in</title>",), content_type="text/html; charset=utf-8")


def answer(value: object, *, status: int = 200) -> Reply:
    return Reply((json.dumps(value).encode(),), status, content_type="application/json")


def events(*values: object) -> Reply:
    return Reply(tuple(b"data: " + json.dumps(value).encode() + b"\n\n" for value in values))


def sound(*pieces: bytes, kind: str = "audio/pcm") -> Reply:
    return Reply(pieces, content_type=kind)


def delta(text: str) -> dict[str, str]:
    return {"type": "transcript.text.delta", "delta": text}


def done(text: str) -> dict[str, str]:
    return {"type": "transcript.text.done", "text": text}


async def heard(
    server: ChatServer, audio: bytes = bytes(9600), *, encoding: Encoding = PCM_24K, key: str | None = None
) -> list[str]:
    recogniser: Recogniser = UrlRecogniser(server.url, model="whisper-2", key=key)
    try:
        return [piece async for piece in recogniser.transcribe(audio, encoding=encoding, hints=HINTS)]
    finally:
        await recogniser.close()


async def said(server: ChatServer, text: str = "Grüße!", *, key: str | None = None) -> list[bytes]:
    synthesiser: Synthesiser = UrlSynthesiser(server.url, model="kokoro", key=key)
    try:
        return [piece async for piece in synthesiser.speak(text, voice="coral", speed=1.5)]
    finally:
        await synthesiser.close()


def fields_of(request: Request) -> dict[str, bytes]:
    """The parts of a form with a file in it."""
    body = request.body.encode("utf-8", "surrogateescape")
    boundary = b"--" + request.headers["content-type"].partition("boundary=")[2].encode()
    parts = [part.partition(b"\r\n\r\n") for part in body.split(boundary)[1:-1]]
    return {head.partition(b'name="')[2].partition(b'"')[0].decode(): value[:-2] for head, _, value in parts}


async def test_the_upload_is_a_wav_with_what_is_known_of_it() -> None:
    async with chat_server(answer({"text": "Guten Tag."})) as server:
        assert await heard(server, silence(500, ULAW), encoding=ULAW, key=KEY) == ["Guten Tag."]
        [request] = server.requests
    assert request.path == "/v1/audio/transcriptions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    fields = fields_of(request)
    assert fields["model"] == b"whisper-2"
    assert (fields["language"], fields["prompt"], fields["stream"]) == (b"de", b"a robot", b"true")
    reader = WavReader(BytesIO(fields["file"]), name="upload")
    assert reader.encoding == Encoding("audio/pcm", 16000)
    assert sum(len(piece) for piece in iter(lambda: reader.read(4096), b"")) == pytest.approx(16000, abs=64)


async def test_a_streamed_transcript_comes_in_pieces() -> None:
    async with chat_server(events(delta("Guten"), delta(" Tag."), done("Guten Tag."))) as server:
        assert await heard(server) == ["Guten", " Tag."]


async def test_a_stream_may_have_its_text_at_the_end_only() -> None:
    async with chat_server(events(done("Guten Tag."))) as server:
        assert await heard(server) == ["Guten Tag."]


@pytest.mark.parametrize(
    "reply", [answer({"text": "  "}), events(done("")), Reply((b"",), content_type="text/plain")]
)
async def test_silence_has_no_words(reply: Reply) -> None:
    async with chat_server(reply) as server:
        assert await heard(server) == []


async def test_plain_text_is_a_transcript_too() -> None:
    async with chat_server(Reply((b"Guten Tag.\n",), content_type="text/plain")) as server:
        assert await heard(server) == ["Guten Tag."]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            answer({"error": {"message": "no such model"}}, status=404),
            "answered 404: no such model. Are the URL",
        ),
        (answer({"error": f"wrong key {KEY}"}, status=401), r"wrong key \[redacted\]. Is the key right?"),
        (Reply((b"<html>oops",), 502, "text/html"), "answered 502: Status"),
        (answer({"segments": []}), "answered without a text"),
        (PAGE, "answered a page, though a transcript was asked for. Is the URL right?"),
        (Reply((b"\n <html>",), content_type="text/plain"), "answered a page"),
        (Reply((b"<", b"p>"), content_type=""), "answered a page"),
        (events(delta("Gut"), {"error": {"message": "out of memory"}}), "failed: out of memory"),
        (Reply((b"data: {",), ending="cut"), "broke off"),
    ],
)
async def test_a_recogniser_that_fails_says_why(reply: Reply, words: str) -> None:
    async with chat_server(reply) as server:
        with pytest.raises(SpeechFailed, match=words) as caught:
            await heard(server, key=KEY)
    assert KEY not in str(caught.value)
    assert "the speech server at http://127.0.0.1" in str(caught.value)


async def test_nobody_there_is_said_in_words() -> None:
    async with chat_server() as server:
        pass
    with pytest.raises(SpeechFailed, match="cannot be reached"):
        await heard(server)
    with pytest.raises(SpeechFailed, match="cannot be reached"):
        await said(server)


async def test_stopping_closes_the_request() -> None:
    async with chat_server(Reply(ending="held")) as server:
        listening = asyncio.create_task(heard(server))
        await eventually(lambda: bool(server.requests))
        listening.cancel()
        await server.client_gone.wait()
        with pytest.raises(asyncio.CancelledError):
            await listening


async def test_speech_is_asked_for_as_samples() -> None:
    async with chat_server(sound(b"\1\2\3\4")) as server:
        await said(server, key=KEY)
        [request] = server.requests
    assert request.path == "/v1/audio/speech"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.json == {
        "model": "kokoro",
        "input": "Grüße!",
        "voice": "coral",
        "response_format": "pcm",
        "speed": 1.5,
    }


@pytest.mark.parametrize("samples", [b"<\0h\0", b"<\xff\xfe\xff", b"<" * 8])
async def test_samples_may_begin_as_a_page_does(samples: bytes) -> None:
    async with chat_server(sound(samples, kind="application/octet-stream")) as server:
        assert b"".join(await said(server)) == samples


async def test_speech_comes_as_it_is_made_in_whole_samples() -> None:
    async with chat_server(sound(b"\1\2\3", b"\4", b"\5\6\7")) as server:
        pieces = await said(server)
    assert b"".join(pieces) == b"\1\2\3\4\5\6"
    assert all(len(piece) % 2 == 0 for piece in pieces)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (sound(b"RIFF....WAVE"), "answered a file"),
        (PAGE, "answered text/html; charset=utf-8, though PCM was asked for"),
        (sound(b"<!DOCTYPE html>", kind=""), "answered a page, though PCM was asked for. Is the URL right?"),
        (sound(b"\n<html lang='en'>", kind="application/octet-stream"), "answered a page"),
        (sound(b"....", kind="audio/mpeg"), "answered audio/mpeg, though PCM was asked for"),
        (answer({"detail": "no voice coral"}, status=400), "answered 400: no voice coral"),
        (Reply((b"\0\0",), content_type="audio/pcm", ending="cut"), "broke off"),
    ],
)
async def test_a_synthesiser_that_fails_says_why(reply: Reply, words: str) -> None:
    async with chat_server(reply) as server:
        with pytest.raises(SpeechFailed, match=words):
            await said(server)


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://x"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="the speech URL needs http"):
        UrlRecogniser(url)


def test_a_key_that_no_header_can_carry_is_refused() -> None:
    with pytest.raises(UsageError, match="the speech server's key"):
        UrlSynthesiser("http://localhost:8000", key="a b")


def test_a_name_has_no_secrets() -> None:
    assert UrlRecogniser("http://me:secret@host/v1/audio/transcriptions?key=secret").name == "http://host/v1"
