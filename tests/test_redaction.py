from __future__ import annotations

import json
import timeit
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.redaction import REDACTED, Redactor, public_url

KEY = "sk-proj-Ab12_Cd34-Ef56Gh78"


def audio_frame(size_bytes: int) -> str:
    pcm = bytes(index * 31 % 251 for index in range(size_bytes))
    ids = '"event_id":"event_C9G8HlkfIAwyIkWhQW0lq","item_id":"item_C9G8H9eXiQjvGZz3xmR0f","content_index":0'
    return f'{{"type":"response.output_audio.delta",{ids},"delta":"{b64encode(pcm).decode()}"}}'


def test_a_known_secret_is_replaced_wherever_it_stands() -> None:
    assert Redactor(["hunter22"]).text("a hunter22, xhunter22x") == f"a {REDACTED}, x{REDACTED}x"


def test_a_longer_secret_goes_before_one_that_it_contains() -> None:
    assert Redactor(["secret", "secret-and-more"]).text("secret-and-more") == REDACTED


def test_a_short_value_is_no_secret() -> None:
    assert Redactor(["abc"]).text("abcdef") == "abcdef"


@pytest.mark.parametrize(
    "written",
    [
        '"a\\/b+\\"c\\\\\\u00e9 end"',  # a JSON writer that escapes slashes and everything beyond ASCII
        '"a/b+\\"c\\\\é end"',
        "wss://host/?x=a%2Fb%2B%22c%5C%C3%A9%20end",
    ],
)
def test_a_known_secret_is_found_in_its_other_spellings(written: str) -> None:
    redacted = Redactor(['a/b+"c\\é end']).text(written)
    assert REDACTED in redacted
    assert "c" not in redacted.replace(REDACTED, "")


def test_a_known_secret_is_found_inside_a_long_run_of_base64() -> None:
    frame = audio_frame(4800)
    secret = frame[3000:3032]
    assert secret not in Redactor([secret]).frame(frame)


@pytest.mark.parametrize(
    "secret",
    [
        KEY,
        "ek_" + "68af" * 8,
        "eph_0123456789abcdef",
        "xai-0123456789abcdef",
        "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FpIn0.c2lnbmF0dXJl-Zm9v_YmFy",
        "Bearer abc123def456",
        "bearer secret-token-value",
        "Basic dXNlcjpwYXNzd29yZA==",
    ],
)
@pytest.mark.parametrize(
    "before", ["", " ", '"', "=", "(", "openai-insecure-api-key.", "\\n", "\\u00e9", "é"]
)
def test_a_secret_is_known_by_its_shape(secret: str, before: str) -> None:
    assert Redactor().text(f'{before}{secret}" after') == f'{before}{REDACTED}" after'


@pytest.mark.parametrize(
    "text",
    [
        "Basic understanding of Bearer authentication. Basic JavaScript.",
        "task-management and risk-assessment, the desk_drawers",
        "sk- and ek_ and sk-short",
        "event_C9G8HlkfIAwyIkWhQW0lq item_C9G8H9eXiQjvGZz3xmR0f",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert Redactor().frame(text) == text


@pytest.mark.parametrize(
    "field",
    [
        "authorization",
        "Authorization",
        "api_key",
        "api-key",
        "apiKey",
        "X-Api-Key",
        "access_token",
        "refresh_token",
    ],
)
def test_the_value_of_a_secret_field_is_blanked(field: str) -> None:
    frame = f'{{ "type":"session.update", "tools":[{{"{field}" : "abc","n":1.00}}] }}'
    assert (
        Redactor().frame(frame)
        == f'{{ "type":"session.update", "tools":[{{"{field}" : "{REDACTED}","n":1.00}}] }}'
    )


def test_a_secret_object_keeps_its_names_and_numbers() -> None:
    frame = (
        '{"client_secret":{"value":"a\\"b","expires_at":17563},"headers":{"X-A":"b","list":["c"]},"o":"d"}'
    )
    assert json.loads(Redactor().frame(frame)) == {
        "client_secret": {"value": REDACTED, "expires_at": 17563},
        "headers": {"X-A": REDACTED, "list": [REDACTED]},
        "o": "d",
    }


def test_a_secret_field_inside_another_is_blanked_once() -> None:
    frame = '{"headers":{"Authorization":"a","next":"b"},"after":"c"}'
    blanked = f'{{"headers":{{"Authorization":"{REDACTED}","next":"{REDACTED}"}},"after":"c"}}'
    assert Redactor().frame(frame) == blanked


def test_an_empty_secret_field_changes_nothing() -> None:
    frame = (
        '{"authorization":null,"headers":{},"server_url":"https://tools.example/mcp?page=1","server_url":7}'
    )
    assert Redactor().frame(frame) == frame


def test_a_server_url_loses_its_secrets_only() -> None:
    frame = '{"server_url":"https://me:pw@tools.example/mcp?api_key=abc&page=1"}'
    assert (
        Redactor().frame(frame) == f'{{"server_url":"https://tools.example/mcp?api_key={REDACTED}&page=1"}}'
    )


@pytest.mark.parametrize("value", ['"abc', "'abc'", '{"a":["abc"', "[" * 100_000 + '"abc"'])
def test_nothing_after_a_secret_field_survives_in_a_broken_frame(value: str) -> None:
    assert Redactor().frame(f'{{"type":"x","api_key":{value}') == f'{{"type":"x","api_key":"{REDACTED}"'


def test_a_secret_in_a_frame_with_audio_is_found() -> None:
    frame = audio_frame(4800)[:-1] + f',"api_key":"abc","note":"{KEY}"}}'
    redacted = Redactor().frame(frame)
    assert redacted == frame.replace("abc", REDACTED).replace(KEY, REDACTED)


@pytest.mark.parametrize(
    "text", ['"' + "A" * 3000, "A" * 3000 + '"', "A" * 3000, f'"{"A" * 2000} {KEY} {"A" * 900}"']
)
def test_long_text_that_is_no_audio_is_searched_too(text: str) -> None:
    assert Redactor().text(text) == text.replace(KEY, REDACTED)


def test_a_frame_without_secrets_is_the_same_object() -> None:
    frame = audio_frame(4800)
    redactor = Redactor([KEY])
    assert redactor.frame(frame) is frame
    assert redactor.text(frame) is frame


def test_an_audio_frame_costs_no_more_than_parsing_it_thrice() -> None:
    frame, redactor = audio_frame(4800), Redactor([KEY])
    redacting = min(timeit.repeat(lambda: redactor.frame(frame), number=200, repeat=20))
    parsing = min(timeit.repeat(lambda: json.loads(frame), number=200, repeat=20))
    assert redacting < 3 * parsing


HOSTILE = ["-eyJ", '"headers":', '{"api_key":', "Bearer ", "Basic A", "sk-", '\\"', " "]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_takes_linear_time(piece: str) -> None:
    def cost(repetitions: int) -> float:
        text = f'"Bearer .eyJ headers":{piece * repetitions}'
        return timeit.timeit(lambda: Redactor().frame(text), number=1)

    short = min(cost(10_000) for _ in range(5))
    assert any(cost(100_000) < 40 * short for _ in range(20))


names = st.text(max_size=8) | st.sampled_from(["authorization", "client_secret", "headers", "api_key"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(names, json_values, max_size=4))
def test_a_redacted_object_is_still_an_object_with_the_same_names(value: dict[str, object]) -> None:
    assert json.loads(Redactor().frame(json.dumps(value))).keys() == value.keys()


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("wss://api.openai.com/v1/realtime?model=gpt-realtime", "wss://api.openai.com/v1/realtime?model=gpt-realtime"),
        ("wss://me:p@ss@host:8080/v1/@x", "wss://host:8080/v1/@x"),
        ("me:pass@host/path", "host/path"),
        ("wss://host/r?api-version=1&deployment=d&call_id=c&intent=i", None),
        ("wss://host/r?model=m&api-key=abc&x", f"wss://host/r?model=m&api-key={REDACTED}&x"),
        ("wss://host/r?ACCESS%5FTOKEN=abc&auth=&sig=a=b", f"wss://host/r?ACCESS%5FTOKEN={REDACTED}&auth={REDACTED}&sig={REDACTED}"),
        ("wss://host/r#access_token=abc", "wss://host/r"),
        ("wss://[::1", "wss://[::1"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_public_url_has_no_secrets(url: str, public: str | None) -> None:
    assert public_url(url) == (url if public is None else public)
