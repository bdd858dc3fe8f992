"""Names that come again in a new session: one of its own for each thing."""

from __future__ import annotations

from realtime_cli.core.names import Names
from realtime_cli.protocol.codec import decode, decode_client
from tests.support.builders import event, item_added, message


def test_in_the_first_session_every_name_is_the_servers_own() -> None:
    names, heard = Names(), item_added(message("item_1"))
    assert names.inward(heard) is heard


def test_a_name_that_is_taken_gets_a_number() -> None:
    names = Names()
    names.begin_session([("item", "item_1"), ("item", "item_1~2")])
    heard = names.inward(event("input_audio_buffer.committed", item_id="item_1", previous_item_id="item_1"))
    assert heard == event("input_audio_buffer.committed", item_id="item_1~2~", previous_item_id="item_1~2~")


def test_a_name_of_one_kind_is_no_name_of_another() -> None:
    names, heard = Names(), event("response.created", response={"id": "one"})
    names.begin_session([("item", "one")])
    assert names.inward(heard) is heard


def test_what_was_told_keeps_its_name_where_the_conversation_is_spoken_of() -> None:
    names, confirmed = Names(), item_added(message("item_1"))
    names.begin_session([("item", "item_1")])
    names.told(("item", "item_1"))
    assert names.inward(confirmed) is confirmed
    names.inward(event("response.output_text.delta", item_id="item_1", delta="x"))
    assert names.inward(confirmed) == item_added(message("item_1~2"))


def test_frames_without_a_model_have_no_names() -> None:
    names, unknown = Names(), decode('{"type":"odd","item_id":"item_1"}')
    names.begin_session([("item", "item_1")])
    assert names.inward(unknown) is unknown
    names.inward(event("input_audio_buffer.committed", item_id="item_1"))
    sent = decode_client('{"type":"odd","item_id":"item_1~2"}')
    assert names.outward(sent) is sent


def test_the_server_is_told_its_own_names() -> None:
    names = Names()
    names.begin_session([("item", "item_1")])
    names.told(("item", "item_1"))
    names.also_called(("item", "item_1"), "item_7")
    ours = decode_client('{"type":"conversation.item.delete","item_id":"item_1"}')
    assert names.outward(ours) == decode_client('{"type":"conversation.item.delete","item_id":"item_7"}')
