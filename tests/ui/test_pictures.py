"""The README's pictures are what the program draws now; `python -m tests.pictures` writes them again."""

from __future__ import annotations

import re

import pytest

from tests.pictures import BLOCKS, FOLDER, PICTURES, README, names_of_blocks, svg, with_blocks


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_what_the_program_draws(name: str) -> None:
    assert (FOLDER / f"{name}.svg").read_text(encoding="utf-8") == svg(name), "python -m tests.pictures"


def test_the_texts_are_what_the_program_draws() -> None:
    readme = README.read_text(encoding="utf-8")
    assert set(names_of_blocks(readme)) == set(BLOCKS)
    assert readme == with_blocks(readme), "python -m tests.pictures"


def test_the_readme_shows_every_picture_and_no_other() -> None:
    shown = re.findall(r"!\[[^]]+\]\(tests/pictures/(\w+)\.svg\)", README.read_text(encoding="utf-8"))
    assert set(shown) == set(PICTURES) == {path.stem for path in FOLDER.iterdir()}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_fetches_nothing(name: str) -> None:
    addresses = re.findall(r"https?://[^\"' )]+|@import|url\((?!#)", svg(name))
    assert addresses == ["http://www.w3.org/2000/svg"]
