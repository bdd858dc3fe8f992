"""Code in calm colours: its comments and its strings, no more."""

from __future__ import annotations

import re

from rich.text import Text

_STRING = r"(?P<string>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
_HASHES = """
    bash console dockerfile elixir fish julia make makefile perl ps1 py python r rb ruby sh shell toml yaml
    yml zsh
"""
_SLASHES = """
    c cc cpp cs csharp dart go java javascript js jsx kotlin kt php rs rust scala swift ts tsx typescript zig
"""
_DASHES = "haskell hs lua sql"
_COMMENTS = {
    **dict.fromkeys(_HASHES.split(), r"(?<!\S)#.*"),
    **dict.fromkeys(_SLASHES.split(), r"//.*"),
    **dict.fromkeys(_DASHES.split(), r"--.*"),
    "json": r"(?!)",
}
_PATTERNS = {name: re.compile(rf"{_STRING}|(?P<comment>{form})") for name, form in _COMMENTS.items()}
# Longer lines are data.
_LONGEST = 1000


def highlighted(line: str, language: str) -> Text:
    """A line of code; one in a language that is not known has one colour."""
    code = Text(line, "code")
    pattern = _PATTERNS.get(language.lower())
    if pattern is None or len(line) > _LONGEST:
        return code
    for found in pattern.finditer(line):
        code.stylize(f"code.{found.lastgroup}", *found.span())
    return code
