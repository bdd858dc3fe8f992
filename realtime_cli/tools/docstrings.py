"""What a docstring says: the description, and a line for each parameter (Google's and Sphinx's way)."""

from __future__ import annotations

import inspect
import re

_SECTION = re.compile(
    r"^(Args|Arguments|Parameters|Params|Returns|Raises|Yields|Examples?|Notes?):\s*$", re.MULTILINE
)
_OWN = ("Args", "Arguments", "Parameters", "Params")
_GOOGLE = re.compile(r"^(\s+)\*{0,2}(\w+)\s*(?:\([^)]*\))?:\s+(.+)$")
_SPHINX = re.compile(r"^\s*:param\s+(?:[^:]*\s)?(\w+):\s*(.*(?:\n(?!\s*:).*\S.*)*)", re.MULTILINE)
_FIELDS = re.compile(r"^\s*:(?:param|type|returns?|rtype|raises?)\b", re.MULTILINE)


def description(doc: str) -> str:
    """What comes before the sections and fields."""
    doc = inspect.cleandoc(doc)
    ends = [found.start() for found in (_SECTION.search(doc), _FIELDS.search(doc)) if found]
    return doc[: min(ends, default=len(doc))].strip()


def parameters(doc: str) -> dict[str, str]:
    """The parameters that it explains."""
    doc = inspect.cleandoc(doc)
    sphinx = {name: " ".join(words.split()) for name, words in _SPHINX.findall(doc)}
    return {**_google(doc), **sphinx}


def _google(doc: str) -> dict[str, str]:
    explained: dict[str, str] = {}
    pieces = _SECTION.split(doc)
    for title, body in zip(pieces[1::2], pieces[2::2], strict=True):
        if title in _OWN:
            explained |= _entries(body)
    return explained


def _entries(body: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name, indent = "", 0
    for line in body.splitlines():
        deep = len(line) - len(line.lstrip())
        entry = _GOOGLE.match(line)
        if entry and (not name or deep <= indent):
            name, indent = entry[2], deep
            found[name] = entry[3].strip()
        elif name and line.strip() and deep > indent:
            found[name] += f" {line.strip()}"
    return found
