from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from realtime_cli.errors import UsageError
from realtime_cli.providers import PROVIDERS, Provider, find_provider

ROWS = PROVIDERS.values()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_row_is_named_sourced_and_dated(row: Provider) -> None:
    assert PROVIDERS[row.name] is row
    assert row.source
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", row.dated)
    assert all(note and not note.endswith(".") for note in row.notes)


@pytest.mark.parametrize("row", [row for row in ROWS if row.hosts], ids=lambda row: row.name)
def test_a_row_owns_the_host_of_its_own_template(row: Provider) -> None:
    host = urlsplit(row.url.replace("{resource}", "mine")).hostname
    assert host
    assert row.owns(host)
    assert row.url.startswith("wss://")
    assert row.key_env


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("openai", "api.openai.com.evil.example"),
        ("openai", "xapi.openai.com"),
        ("openai", "openai.com"),
        ("openai", "a.b.api.openai.com"),
        ("openai", ".api.openai.com"),
        ("openai", "api.openai.com."),
        ("azure", "openai.azure.com"),
        ("azure", "evil.example.openai.azure.com"),
        ("azure", ".openai.azure.com"),
        ("qwen", "maas.aliyuncs.com"),
        ("local", "localhost"),
        ("speaches", "localhost"),
        ("openai", ""),
    ],
)
def test_a_row_owns_no_host_that_only_looks_like_its_own(name: str, host: str) -> None:
    assert not PROVIDERS[name].owns(host)


def test_names_are_found_in_any_case() -> None:
    assert find_provider(" OpenAI ").name == "openai"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("opnai", "did you mean openai? known are openai, azure"), ("?", "known are openai, azure")],
)
def test_an_unknown_name_is_answered_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(UsageError, match="unknown provider") as caught:
        find_provider(name)
    assert caught.value.hint.startswith(hint)


def test_a_key_in_the_place_of_a_name_is_not_repeated() -> None:
    key = "sk-" + "x" * 20
    with pytest.raises(UsageError) as caught:
        find_provider(key)
    assert key not in str(caught.value) + caught.value.hint


def test_the_table_does_not_change() -> None:
    with pytest.raises(TypeError):
        PROVIDERS["mine"] = PROVIDERS["openai"]  # type: ignore[index]  # the point of the test
