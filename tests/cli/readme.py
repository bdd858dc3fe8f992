"""The README's examples, taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"`([\w.-]+\.(?:json|yaml|toml|py))`")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code, its language, and the paragraph before it."""

    language: str
    text: str
    introduction: str


@dataclass(frozen=True, slots=True)
class Example:
    """A command, and what it prints; `...` stands for anything, as a last line for nothing as well."""

    command: str
    output: tuple[str, ...]

    def fits(self, printed: list[str]) -> bool:
        """Whether the program printed this."""
        pattern = re.escape("\n".join(self.output))
        whole = re.sub(r"\\\n\\\.\\\.\\\.$", r"(?:\\n.*)?", pattern).replace(r"\.\.\.", ".*?")
        return re.fullmatch(whole, "\n".join(printed), re.DOTALL) is not None


def blocks(language: str) -> list[Block]:
    """The README's blocks of a language, in their order."""
    return [block for block in _blocks(README.read_text(encoding="utf-8")) if block.language == language]


def _blocks(text: str) -> Iterator[Block]:
    end = 0
    for found in _BLOCK.finditer(text):
        yield Block(found[1], found[2], text[end : found.start()].strip().rpartition("\n\n")[2])
        end = found.end()


def files() -> dict[str, str]:
    """The files that the README shows, by the name that the sentence before them tells."""
    shown = [block for language in ("json", "yaml", "toml", "python") for block in blocks(language)]
    return {_FILE.findall(block.introduction)[-1]: block.text for block in shown}


def examples() -> list[list[Example]]:
    """The commands that the README shows with what they print: those of one block build on each other."""
    return [_commands(block.text) for block in blocks("console")]


def _commands(block: str) -> list[Example]:
    commands = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [Example(command, tuple(output)) for command, *output in map(str.splitlines, commands)]


def table(heading: str) -> list[list[str]]:
    """The cells of the table that begins with this heading, without the heading."""
    lines = README.read_text(encoding="utf-8").split(f"| {heading} |")[1].split("\n\n")[0].splitlines()
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]
