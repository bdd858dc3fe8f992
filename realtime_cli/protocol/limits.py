"""What a value may be beyond its kind: legal values, ranges, lengths, base64."""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from math import inf

from .base import MOST, Spec
from .findings import Code, Finding
from .jsontypes import Json
from .shapes import Shape
from .wording import instead, legal_in_words, shown


def check_text(path: str, text: str, shape: Shape) -> Iterator[Finding]:
    """Legal values, length and base64 of a string."""
    spec = shape.spec
    if spec.closed and text not in spec.known:
        reason = f"is {shown(text)}, but must be {legal_in_words(shape)}"
        yield Finding(path, reason, instead(text, shape), "invalid_value")
    limit = spec.max_length
    if limit is not None and len(text) > limit:
        reason = f"has {len(text):,} characters, more than {limit}"
        yield Finding(path, reason, f"keep it to {limit}", "string_above_max_length")
    if spec.base64:
        yield from _check_base64(path, text, spec)


def check_number(path: str, number: float, spec: Spec, *, whole: bool) -> Iterator[Finding]:
    """The range of a number."""
    hint = f"write {range_in_words(spec)}" if range_in_words(spec) else "write a number"
    is_finite = abs(number) < inf  # `isfinite` raises for integers beyond all floats
    if not is_finite:
        yield Finding(path, f"is {number}, which JSON has no word for", hint, "invalid_value")
    elif abs(number) > MOST:
        yield Finding(path, "is a number of more than 64 bits", hint, "invalid_value")
    elif spec.ge is not None and number < spec.ge:
        below: Code = "integer_below_min_value" if whole else "decimal_below_min_value"
        yield Finding(path, f"is {number}, less than {spec.ge:g}", hint, below)
    elif spec.le is not None and number > spec.le:
        above: Code = "integer_above_max_value" if whole else "decimal_above_max_value"
        yield Finding(path, f"is {number}, more than {spec.le:g}", hint, above)


def range_in_words(spec: Spec) -> str:
    """The legal numbers: `0.25 to 1.5`, `0 or more`; empty where there is no limit."""
    if spec.ge is None:
        return "" if spec.le is None else f"{spec.le:g} or less"
    return f"{spec.ge:g} or more" if spec.le is None else f"{spec.ge:g} to {spec.le:g}"


def check_entries(path: str, count: int, spec: Spec) -> Iterator[Finding]:
    """The length of a list."""
    low, high = spec.min_length or 0, spec.max_length
    if count < low or (high is not None and count > high):
        wanted = f"exactly {low}" if low == high else f"{low} or more" if count < low else f"{high} or fewer"
        hint = spec.doc or f"write {wanted}"
        yield Finding(path, f"has {count} entries, but must have {wanted}", hint, "invalid_value")


def check_pairs(path: str, pairs: Json, spec: Spec) -> Iterator[Finding]:
    """The number of a map's pairs, and the length of its keys."""
    if spec.max_pairs is not None and len(pairs) > spec.max_pairs:
        reason = f"has {len(pairs)} pairs, more than {spec.max_pairs}"
        yield Finding(path, reason, f"keep it to {spec.max_pairs}", "invalid_value")
    limit = spec.max_key_length
    for key in pairs:
        if limit is not None and len(key) > limit:
            reason = f"has a key of {len(key)} characters, more than {limit}: {shown(key)}"
            yield Finding(path, reason, "shorten the key", "string_above_max_length")


def _check_base64(path: str, text: str, spec: Spec) -> Iterator[Finding]:
    try:
        size_bytes = len(binascii.a2b_base64(text, strict_mode=True))
    except ValueError as problem:  # binascii.Error, or text beyond ASCII
        hint = "write standard base64: A-Z a-z 0-9 + /, padded with ="
        yield Finding(path, f"is not base64: {problem}", hint, "invalid_value")
        return
    if spec.max_bytes is not None and size_bytes > spec.max_bytes:
        reason = f"holds {size_bytes:,} bytes, more than {spec.max_bytes:,}"
        yield Finding(path, reason, "send it in several events", "string_above_max_length")
    if size_bytes % 2:
        reason = f"holds {size_bytes:,} bytes, an odd number, but PCM has 2 bytes a sample"
        yield Finding(path, reason, "cut PCM between samples", "invalid_value", "warning")
