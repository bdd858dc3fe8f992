from __future__ import annotations

import base64

from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.ui.live.raw.tree import Tree, sound_words
from tests.ui.raw.scenes import console, tone


def grown(*, width: int = 60, wraps: bool = True, event_type: str = "x", **data: object) -> list[str]:
    tree = Tree(console(), width, PCM_24K, wraps, event_type)
    tree.add(data)
    return [line.plain.rstrip() for line in tree.lines]


def test_members_are_indented_below_their_object() -> None:
    assert grown(
        type="session.updated",
        session={"tools": [], "audio": {"output": {"voice": "alloy", "speed": 1.0}}, "x": {}},
        modalities=["audio", "text"],
        objects=[{"a": None}, True],
        item_id="item_1",
    ) == [
        'type: "session.updated"',
        "session:",
        "  tools: []",
        "  audio:",
        "    output:",
        '      voice: "alloy"',
        "      speed: 1.0",
        "  x: {}",
        'modalities: ["audio", "text"]',
        "objects:",
        "  [0]",
        "    a: null",
        "  [1] true",
        "item_id: item_1",
    ]


def test_json_in_a_text_is_unpacked() -> None:
    assert grown(arguments='{"city": "London"}') == ["arguments: (JSON in a text)", '  city: "London"']
    assert grown(arguments='{"city": ') == ['arguments: "{"city": "']


def test_long_texts_go_on_below_or_are_cut() -> None:
    text = "one two three four"
    assert grown(width=18, a={"text": text}) == ["a:", '  text: "one two', '    three four"']
    assert grown(width=18, a={"text": text}, wraps=False) == ["a:", '  text: "one two …']
    assert grown(text="one\n\ttwo") == ['text: "one', '      two"']


def test_audio_is_a_picture_with_its_levels() -> None:
    shown = grown(
        width=40, type="input_audio_buffer.append", audio=tone(100), event_type="input_audio_buffer.append"
    )
    assert shown[1:4] == [
        "audio: (4,800 bytes) PCM 24 kHz, 100",
        "  ms, peak -6.2 dBFS, RMS -9.2 dBFS",
        "  " + "▆" * 37,
    ]
    assert len(shown) == 6
    assert "base64" not in "".join(shown)


def test_delta_is_audio_in_audio_events_only() -> None:
    assert grown(delta="QUJD", event_type="response.output_audio.delta")[0].startswith(
        "delta: (3 bytes) PCM 24 kHz"
    )
    assert grown(delta="QUJD", event_type="response.output_text.delta") == ['delta: "QUJD"']


def test_base64_is_never_shown() -> None:
    blob = base64.b64encode(bytes(900)).decode()
    assert grown(image_url=f"data:image/png;base64,{blob}", x={"data": blob}) == [
        "image_url: (900 bytes)", "x:", "  data: (900 bytes)",
    ]  # fmt: skip
    assert grown(audio="not base64!") == ["audio: (8 bytes)"]


def test_levels_in_words() -> None:
    assert sound_words(bytes(4800), PCM_24K) == "PCM 24 kHz, 100 ms, silence"
    assert sound_words(b"\xff" * 80, Encoding("audio/pcmu", 8000)) == "G.711 mu-law 8 kHz, 10 ms, silence"


def test_what_is_too_much_is_cut_off() -> None:
    deep: object = 1
    for _ in range(40):
        deep = {"a": deep}
    assert grown(deep=deep)[-1].endswith("a: (too deep to show)")
    many = grown(**{f"k{n}": n for n in range(5000)})
    assert len(many) == 2001
    assert many[-1] == "(more than can be shown)"
    assert grown(width=200, text="x " * 15_000)[-1].endswith("(30,000 characters)")
