"""Settings that the program writes down for the next time."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.errors import UsageError
from realtime_cli.settings import load_settings
from realtime_cli.settings.remember import config_path, remember


def test_what_is_remembered_counts_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "config.toml"
    remember({"input_device": "Jabra", "output_device": ""}, path=path)
    settings = load_settings({}, environ={}, cwd=tmp_path, config_path=path)
    assert (settings.input_device, settings.output_device) == ("Jabra", "")


def test_everything_else_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('# mine\nvoice = "marin"  # the best\ninput_device = "old"\n\n[headers]\nA = "b"\n')
    remember({"input_device": 'a "new" one', "output_device": "7"}, path=path)
    assert path.read_text() == (
        '# mine\nvoice = "marin"  # the best\ninput_device = "a \\"new\\" one"\noutput_device = "7"\n\n'
        '[headers]\nA = "b"\n'
    )


def test_a_file_that_cannot_be_changed_safely_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(before := 'instructions = """\ninput_device = "text"\n"""\n')
    with pytest.raises(UsageError, match=r"cannot change .* safely") as caught:
        remember({"input_device": "new"}, path=path)
    assert "by hand" in caught.value.hint
    assert path.read_text() == before


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("= 1\n")
    with pytest.raises(UsageError, match="is not valid TOML"):
        remember({"input_device": "new"}, path=path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write"):
        remember({"input_device": "new"}, path=tmp_path / "file" / "config.toml")


def test_the_named_config_file_wins(tmp_path: Path) -> None:
    assert config_path({"REALTIME_CONFIG": str(tmp_path / "c.toml")}) == tmp_path / "c.toml"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f")))
def test_any_name_of_a_device_survives(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    path = tmp_path_factory.mktemp("config") / "config.toml"
    remember({"input_device": name}, path=path)
    remember({"output_device": name}, path=path)
    assert tomllib.loads(path.read_text(encoding="utf-8")) == {
        "input_device": name,
        "output_device": name,
    }
