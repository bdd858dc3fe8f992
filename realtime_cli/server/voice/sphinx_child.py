"""The process that decodes: a line of JSON in (`pcm`, `phrases`), a line of JSON out (`text` or `error`)."""

from __future__ import annotations

import importlib
import json
import re
import sys
from base64 import b64decode
from collections.abc import Sequence
from typing import BinaryIO, Protocol, cast

_COMMON: dict[str, object] = {"loglevel": "FATAL", "samprate": 16000, "dither": True, "seed": 1}
# Beams a little wider than usual, and no second pass: with it every tenth phrase was missed.
_GRAMMAR: dict[str, object] = {"lm": None, "bestpath": False, "beam": 1e-60, "pbeam": 1e-60, "wbeam": 1e-40}
_SPELLING = re.compile(r"[a-z]+(?:'[a-z]+)*")
_PHRASES = "phrases"


class _Hypothesis(Protocol):
    hypstr: str


class _Decoder(Protocol):
    def start_utt(self) -> None: ...
    def process_raw(self, data: bytes, *, full_utt: bool) -> object: ...
    def end_utt(self) -> None: ...
    def hyp(self) -> _Hypothesis | None: ...
    def lookup_word(self, word: str) -> str | None: ...
    def add_jsgf_string(self, name: str, jsgf: str) -> None: ...
    def activate_search(self, name: str) -> None: ...


class _Module(Protocol):
    def Decoder(self, **config: object) -> _Decoder: ...  # noqa: N802 (the library's name)


class Ears:
    """Hears the phrases that are expected, else whatever the open model makes of it."""

    def __init__(self) -> None:
        self._library = cast("_Module", importlib.import_module("pocketsphinx"))
        self._open: _Decoder | None = None
        self._grammars: dict[tuple[str, ...], _Grammar | None] = {}

    def hear(self, pcm: bytes, phrases: Sequence[str]) -> str:
        """The words in PCM at 16 kHz; nothing where nobody spoke."""
        grammar = self._grammar(tuple(phrases))
        return (grammar and grammar.hear(pcm)) or _decode(self._open_decoder(), pcm)

    def _grammar(self, phrases: tuple[str, ...]) -> _Grammar | None:
        if phrases not in self._grammars:
            decoder = self._library.Decoder(**_COMMON, **_GRAMMAR) if phrases else None
            known = _known(phrases, decoder) if decoder else {}
            self._grammars[phrases] = _Grammar(decoder, known) if decoder and known else None
        return self._grammars[phrases]

    def _open_decoder(self) -> _Decoder:
        if self._open is None:
            self._open = self._library.Decoder(**_COMMON)
        return self._open


class _Grammar:
    """A decoder that hears nothing but some phrases, and gives them back as they are written."""

    def __init__(self, decoder: _Decoder, written: dict[str, str]) -> None:
        self._decoder = decoder
        self._written = written
        rule = " | ".join(written)
        decoder.add_jsgf_string(_PHRASES, f"#JSGF V1.0;\ngrammar {_PHRASES};\npublic <phrase> = {rule};\n")
        decoder.activate_search(_PHRASES)

    def hear(self, pcm: bytes) -> str:
        """The phrase that was said; nothing where none fits to its end."""
        return self._written.get(_decode(self._decoder, pcm), "")


def _known(phrases: Sequence[str], decoder: _Decoder) -> dict[str, str]:
    """The phrases of which the dictionary has every word, by what is heard of them."""
    heard = {" ".join(_SPELLING.findall(phrase.lower().replace("’", "'"))): phrase for phrase in phrases}
    return {
        words: phrase
        for words, phrase in heard.items()
        if words and all(decoder.lookup_word(word) for word in words.split())
    }


def _decode(decoder: _Decoder, pcm: bytes) -> str:
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return hypothesis.hypstr if hypothesis else ""


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answers each line with a line, until there are no more."""
    ears: Ears | None = None
    for line in questions:
        question = json.loads(line)
        try:
            ears = ears or Ears()
            answer = {"text": ears.hear(b64decode(question["pcm"]), question["phrases"])}
        except (ImportError, RuntimeError, ValueError) as problem:
            answer = {"error": str(problem)}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
