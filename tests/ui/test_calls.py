from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from realtime_cli.core.session import Session
from realtime_cli.core.view import Approval, CallState, CallView, ItemView
from realtime_cli.ui.calls import call_of, call_rows, listing_rows, outcome_rows, pretty
from realtime_cli.ui.theme import make_console

CONSOLE = make_console(io.StringIO())
LONG = json.dumps({"query": "words " * 5, "options": {"depth": [1, 2.5, {}], "more": "x" * 50}, "last": None})


def rows(
    state: CallState = "done",
    *,
    arguments: str = "{}",
    output: str = "",
    progress: str = "",
    width: int = 60,
    in_words: bool = False,
) -> list[str]:
    ended_s = 3.25 if state in {"done", "failed", "cancelled"} else None
    call = CallView(
        "c", "look", arguments, state, output=output, progress=progress, began_s=2.0, ended_s=ended_s
    )
    return [row.plain for row in call_rows(CONSOLE, call, width=width, now_s=9.5, in_words=in_words)]


def test_a_call_that_a_person_answers_waits_for_them() -> None:
    asked = rows("running", progress="waiting for your answer: /answer look")
    assert asked == ["⚙ look({})  ? waiting for your answer: /answer look"]


@pytest.mark.parametrize(
    ("state", "row"),
    [
        ("collecting", "⚙ look({}  … collecting"),
        ("pending", "⚙ look({})  … waiting for its output"),
        ("awaiting_approval", "⚙ look({})  ? waiting for approval: ^Y /approve, ^N /deny"),
        ("running", "⚙ look({})  ◌ running 7 s"),
        ("done", "⚙ look({})  ✓ done in 1.2 s"),
        ("failed", "⚙ look({})  ✗ failed after 1.2 s"),
        ("denied", "⚙ look({})  ✗ denied"),
        ("cancelled", "⚙ look({})  – cancelled after 1.2 s"),
    ],
)
def test_each_state_has_a_sign_and_a_word(state: CallState, row: str) -> None:
    assert rows(state) == [row]
    assert rows(state, in_words=True)[0].startswith("tool: look({}")


def test_progress_stands_beside_the_seconds() -> None:
    assert rows("running", progress="2 of 5\n") == ["⚙ look({})  ◌ running 7 s: 2 of 5"]


def test_of_arguments_that_still_come_the_end_is_seen() -> None:
    (row,) = rows("collecting", arguments=LONG[:90], width=40)
    assert row.startswith("⚙ look(…")
    assert row.endswith("  … collecting")
    assert LONG[80:90] in row
    assert len(row) <= 40


def test_short_arguments_are_one_line_as_the_model_wrote_them() -> None:
    assert rows(arguments='{"a":1.50, "b" : "c"}')[0].startswith('⚙ look({"a":1.50, "b" : "c"})')


def test_long_arguments_are_indented_and_folded() -> None:
    assert rows(arguments=LONG, width=60) == [
        "⚙ look  ✓ done in 1.2 s",
        "    {",
        '      "query": "words words words words words ",',
        '      "options": {',
        '        "depth": [1, 2.5, {}],',
        '        "more": "' + "x" * 42 + "…",
        "      },",
        "    … 2 more lines: Ctrl-E",
    ]


def asked(arguments: str, *, width: int, room: int) -> list[str]:
    call = CallView("c", "shell", arguments, "awaiting_approval")
    return [row.plain for row in call_rows(CONSOLE, call, width=width, now_s=0.0, room=room)]


def test_what_is_asked_for_is_seen_whole_at_any_width() -> None:
    assert asked('{"city": "Lisbon", "unit": "celsius"}', width=40, room=12) == [
        "⚙ shell  ? waiting for approval: ^Y",
        "    /approve, ^N /deny",
        '    {"city": "Lisbon", "unit":',
        '      "celsius"}',
    ]
    assert asked(json.dumps({"command": "echo one && " * 6 + "rm -rf /home/me"}), width=80, room=20) == [
        "⚙ shell  ? waiting for approval: ^Y /approve, ^N /deny",
        "    {",
        '      "command": "echo one && echo one && echo one && echo one && echo one &&',
        '        echo one && rm -rf /home/me"',
        "    }",
    ]


def test_of_what_is_too_much_to_see_the_ends_are_seen_and_where_the_rest_is() -> None:
    arguments = json.dumps({"command": "echo filler && " * 200 + "rm -rf /home/me"})
    shown = asked(arguments, width=80, room=9)
    assert len(shown) == 9
    assert shown[:2] == [
        "⚙ shell  ? waiting for approval: ^Y /approve, ^N /deny",
        '    {"command": "echo filler && echo filler && echo filler && echo filler &&',
    ]
    assert shown[5] == "    … 2,571 more characters: Ctrl-E shows all before you approve"
    assert shown[-1].endswith('/home/me"}')
    assert "the log has all" in "".join(asked(arguments * 20, width=80, room=9))


def test_the_ends_are_seen_where_there_is_hardly_room() -> None:
    arguments = json.dumps({"command": "echo filler && " * 20 + "rm -rf /home/me"})
    assert asked(arguments, width=40, room=4) == [
        "⚙ shell  ? waiting for approval: ^Y",
        '    {"command": "echo filler && echo',
        "    … 263 more characters: Ctrl-E",
        '    && echo filler && rm -rf /home/me"}',
    ]


@settings(deadline=None)
@given(
    st.text(st.sampled_from('{}[]",: ab漢é\u0301\u200d\n\t\x1b\u202e'), max_size=500),
    st.integers(12, 60),
    st.integers(4, 30),
)
def test_what_is_asked_for_has_its_rows_and_both_ends(arguments: str, width: int, room: int) -> None:
    shown = asked(f"Ω{arguments}∞", width=width, room=room)
    assert len(shown) <= room
    assert all(cell_len(row) <= width for row in shown)
    assert {"Ω", "∞"} <= set("".join(shown))


def test_a_short_result_is_one_line_and_a_long_one_is_folded() -> None:
    assert rows(output="18 °C")[1:] == ["  ↳ 18 °C"]
    lines = "\n".join(f"line {number}" for number in range(20))
    assert rows("failed", output=lines)[1:] == [
        "  ↳ line 0",
        *(f"    line {number}" for number in range(1, 6)),
        "    … 14 more lines: Ctrl-E",
    ]
    assert rows(output="x" * 5000, width=40)[1:3] == ["  ↳ " + "x" * 36, "    " + "x" * 36]
    assert rows(output="x" * 5000, width=40)[-1] == "    … 5,000 characters in all: Ctrl-E"


def test_only_the_name_has_the_colour_of_tools() -> None:
    call = CallView("c", "look", '{"a": 1}', "done", output="fine\nreally", began_s=2.0, ended_s=3.0)
    shown = call_rows(CONSOLE, call, width=60, now_s=9.0)
    assert not [row for row in shown if row.style]
    coloured = [
        row.plain[span.start : span.end] for row in shown for span in row.spans if span.style == "tool"
    ]
    assert coloured == ["⚙ ", "look", "  ↳ "]


def test_a_result_that_just_fits_is_not_folded() -> None:
    assert len(rows(output="\n".join("abcdef"))) == 7


def test_a_last_line_that_does_not_fit_is_counted() -> None:
    output = "\n".join(["a", "b", "c", "d", "e", "x" * 90])
    assert rows(output=output, width=40)[-2:] == ["    " + "x" * 36, "    … 90 characters in all: Ctrl-E"]


def test_in_words_a_long_result_stands_below_its_name() -> None:
    assert rows(output="one\ntwo", in_words=True)[1:] == ["result:", "    one", "    two"]


def test_what_became_of_a_call_names_it_again() -> None:
    call = CallView("c", "look", "{}", "done", output="fine", began_s=2.0, ended_s=3.0)
    assert [row.plain for row in outcome_rows(CONSOLE, call, width=60, now_s=9.0)] == [
        "⚙ look  ✓ done in 1.0 s",
        "  ↳ fine",
    ]


def test_a_stream_that_knows_only_ascii_gets_ascii() -> None:
    console = make_console(io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    call = CallView("c", "look", LONG, "failed", output="a\n" * 20, began_s=2.0, ended_s=3.0)
    shown = [row.plain for row in call_rows(console, call, width=40, now_s=9.0)]
    assert shown[0] == "# look  x failed after 1.0 s"
    assert "\n".join(shown).isascii()


@settings(deadline=None)
@given(
    st.recursive(
        st.integers() | st.text() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_pretty_json_is_the_same_value(value: object) -> None:
    assert json.loads("\n".join(pretty(json.dumps(value)))) == value


@settings(deadline=None)
@given(st.text(st.sampled_from("{}[],: a1\n"), max_size=60))
def test_pretty_text_that_is_no_json_loses_nothing_but_spaces(text: str) -> None:
    assert "".join("".join(pretty(text)).split()) == "".join(text.split())


@settings(deadline=None)
@given(st.text(), st.text(), st.integers(10, 120))
def test_no_row_is_too_wide_and_none_has_controls(arguments: str, output: str, width: int) -> None:
    shown = rows("failed", arguments=arguments, output=output, width=width)
    assert all(cell_len(row) <= width for row in shown)
    assert not [char for row in shown for char in row if ord(char) < 32 or 0x7F <= ord(char) < 0xA0]


def test_deep_and_huge_values_are_folded_at_once() -> None:
    assert len(rows(arguments="[" * 100_000, output='{"a":' * 100_000)) < 20
    assert len(rows("collecting", arguments="x" * 1_000_000)) == 1


@pytest.mark.parametrize(
    ("approval", "row"),
    [
        ("waiting", "⚙ wiki.ask({})  ? waiting for approval: ^Y /approve, ^N /deny"),
        ("approved", "⚙ wiki.ask({})  ✓ approved"),
        ("denied", "⚙ wiki.ask({})  ✗ denied"),
    ],
)
def test_a_request_of_an_mcp_server_has_its_verdict(approval: Approval, row: str) -> None:
    item = ItemView(
        "i", "mcp_approval_request", name="ask", server_label="wiki", arguments="{}", approval=approval
    )
    call = call_of(Session().view(), item)
    assert [each.plain for each in call_rows(CONSOLE, call, width=80, now_s=0.0)] == [row]


@pytest.mark.parametrize(
    ("item", "state"),
    [
        (ItemView("i", "mcp_call", status="in_progress"), "collecting"),
        (ItemView("i", "mcp_call", status="in_progress", began_s=1.0), "running"),
        (ItemView("i", "mcp_call", status="completed", output="x"), "done"),
        (ItemView("i", "mcp_call", status="completed", error="x"), "failed"),
        (ItemView("i", "mcp_call", status="failed"), "failed"),
        (ItemView("i", "mcp_call", status="incomplete"), "cancelled"),
        (ItemView("i", "function_call", name="f"), "pending"),
    ],
)
def test_a_call_of_which_only_the_item_is_known_has_a_state(item: ItemView, state: CallState) -> None:
    assert call_of(Session().view(), item).state == state


@pytest.mark.parametrize(
    ("item", "row"),
    [
        (ItemView("i", "mcp_list_tools", name="wiki", status="in_progress"), "⚙ wiki  ◌ listing its tools"),
        (
            ItemView("i", "mcp_list_tools", name="wiki", status="completed", output="ask"),
            "⚙ wiki  1 tool: ask",
        ),
        (ItemView("i", "mcp_list_tools", name="wiki", status="completed"), "⚙ wiki  0 tools"),
        (ItemView("i", "mcp_list_tools", name="wiki", status="failed", error="no\x1b"), "⚙ wiki  ✗ no␛"),
    ],
)
def test_a_listing_says_how_many_tools_there_are(item: ItemView, row: str) -> None:
    assert [each.plain for each in listing_rows(CONSOLE, item, width=60)] == [row]
