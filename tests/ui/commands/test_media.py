from __future__ import annotations

from base64 import b64decode, b64encode
from pathlib import Path

import pytest

from realtime_cli.core.inputs import ConnectionOpened, UserItem
from realtime_cli.core.session import Session
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.protocol.lint import lint
from realtime_cli.samples.wav import wav_header
from tests.support.builders import event
from tests.support.desks import MemoryDesk
from tests.support.playbook import listen
from tests.support.voice import format_of, pcm, voice_session

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
KINDS = {
    "png": PNG,
    "jpeg": b"\xff\xd8\xff\xe0" + bytes(20),
    "gif": b"GIF89a" + bytes(20),
    "webp": b"RIFF\x10\0\0\0WEBPVP8 " + bytes(8),
}


def wav(path: Path, audio: bytes, rate_hz: int = 24000) -> Path:
    path.write_bytes(wav_header(len(audio), rate_hz=rate_hz) + audio)
    return path


def content(desk: MemoryDesk) -> list[dict[str, str]]:
    """The parts of the turn that was made; an answer to it was asked for."""
    create, answer = desk.sent
    assert (create["type"], answer["type"]) == ("conversation.item.create", "response.create")
    assert lint(create) == []
    assert create["item"]["role"] == "user"
    parts: list[dict[str, str]] = create["item"]["content"]
    return parts


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_is_known_by_its_content(tmp_path: Path, kind: str) -> None:
    (tmp_path / "picture.txt").write_bytes(KINDS[kind])
    desk = MemoryDesk()
    desk.run(f"/image {tmp_path / 'picture.txt'}")
    url = f"data:image/{kind};base64,{b64encode(KINDS[kind]).decode()}"
    assert content(desk) == [{"type": "input_image", "image_url": url}]


def test_words_go_with_an_image_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "my photo.png").write_bytes(PNG)
    desk = MemoryDesk()
    shown = desk.run(f"/image '{tmp_path / 'my photo.png'}' What's \"this\"?")
    assert content(desk)[0] == {"type": "input_text", "text": 'What\'s "this"?'}
    assert content(desk)[1]["type"] == "input_image"
    assert shown == "sent my photo.png · PNG · 48 bytes"


def test_the_users_folder_can_be_written_as_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "a.png").write_bytes(PNG)
    desk = MemoryDesk()
    desk.run("/image ~/a.png")
    assert len(content(desk)) == 1


def test_an_image_interrupts_nothing_but_is_a_turn(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    desk = MemoryDesk()
    desk.run(f"/image {tmp_path / 'a.png'}")
    assert [type(wish) for wish in desk.posted] == [UserItem]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "a file is missing"),
        ("missing.png", "there is no file missing.png"),
        (".", "there is no file ."),
        ("~nobody-of-that-name/a.png", "there is no file"),
        ("a\0b", "error:"),
        ("x" * 5000, "error:"),
        ("'open", "a quote is open"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error(name: str, words: str) -> None:
    desk = MemoryDesk(width=200)
    for line in (f"/image {name}", f"/say {name}"):
        assert words in desk.run(line)
    assert desk.posted == []


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("<svg/>")
    desk = MemoryDesk(width=200)
    assert "is no image" in desk.run(f"/image {tmp_path / 'a.png'}")
    assert desk.posted == []


def test_a_file_that_is_too_large_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "a.png").open("wb") as file:
        file.truncate(15 * 1024 * 1024 + 1)
    desk = MemoryDesk(width=200)
    assert "15.7 MB (at most 15.7 MB" in desk.run(f"/image {tmp_path / 'a.png'}")
    assert desk.posted == []


def test_a_sound_is_a_turn(tmp_path: Path) -> None:
    audio = pcm(500)
    desk = MemoryDesk(voice_session())
    shown = desk.run(f"/say {wav(tmp_path / 'question.wav', audio)}")
    assert content(desk) == [{"type": "input_audio", "audio": b64encode(audio).decode()}]
    assert shown == "sent question.wav · 0.5 s · 24 kB"


@pytest.mark.parametrize(
    ("format_", "encoding"),
    [
        (format_of("audio/pcm", 16000), Encoding(rate_hz=16000)),
        (format_of("audio/pcmu"), Encoding("audio/pcmu", 8000)),
        (format_of("audio/pcma"), Encoding("audio/pcma", 8000)),
        (format_of("audio/pcm", 24000), PCM_24K),
    ],
)
def test_a_sound_becomes_what_the_session_hears(
    tmp_path: Path, format_: dict[str, object], encoding: Encoding
) -> None:
    desk = MemoryDesk(voice_session(audio={"input": {"format": format_}}))
    source = Encoding(rate_hz=44100)
    desk.run(f"/say {wav(tmp_path / 'a.wav', pcm(1000, encoding=source), 44100)}")
    [part] = content(desk)
    assert encoding.ms(len(b64decode(part["audio"]))) == pytest.approx(1000, abs=5)


def test_a_sound_gets_the_rate_that_the_server_takes_pcm_to_have(tmp_path: Path) -> None:
    session = Session(pcm_input_rate_hz=16_000)
    listen(session, ConnectionOpened(), event("session.created"))
    desk = MemoryDesk(session)
    desk.run(f"/say {wav(tmp_path / 'a.wav', pcm(1000))}")
    [part] = content(desk)
    assert len(b64decode(part["audio"])) == pytest.approx(32_000, abs=160)


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"ID3 not a wave")
    desk = MemoryDesk(width=200)
    assert "is not a WAV file" in desk.run(f"/say {tmp_path / 'a.wav'}")
    assert desk.posted == []


def test_a_sound_that_grows_too_long_is_refused(tmp_path: Path) -> None:
    desk = MemoryDesk(width=200)
    path = wav(tmp_path / "a.wav", bytes(2_000_000), 1000)
    assert "a.wav is too long for a turn (at most 5 min 28 s" in desk.run(f"/say {path}")
    assert desk.posted == []


def test_one_sound_at_a_time() -> None:
    assert "one file" in MemoryDesk().run("/say a.wav b.wav")
