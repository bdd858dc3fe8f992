"""Tools that a person answers: `ask` (what no other tool has), `ask:NAME`, or `ask:FILE.yaml` (declared)."""

from __future__ import annotations

from realtime_cli.core.view import ANSWER_WANTED
from realtime_cli.errors import UsageError
from realtime_cli.protocol.jsontypes import as_object

from .arguments import checks
from .asking import NoAnswer, Question
from .context import Context
from .sources import Source, ToolSetup
from .tool import ANY_OBJECT, Arguments, Schema, Tool, ToolFailed, is_name
from .yaml_file import read_entries

_FIELDS = ("name", "description", "parameters")


def open_ask(spec: str, setup: ToolSetup) -> Source:
    """The tools of an `ask` spec. Raises `UsageError`, or `BadInput` for its file."""
    _, colon, what = spec.partition(":")
    if not colon:
        return Source(spec, (), rest=lambda name: _tool(name, spec, setup))
    if what.endswith((".yaml", ".yml")):
        entries = read_entries(setup.path(what), _FIELDS)
        declared = [(each.name(), each.text("description"), each.schema()) for each in entries]
        return Source(
            spec, tuple(_tool(name, spec, setup, words, schema) for name, words, schema in declared)
        )
    if not is_name(what):
        raise UsageError(f"{spec}: {what!r} is no name for a tool", hint="letters, digits, _ and -, up to 64")
    return Source(spec, (_tool(what, spec, setup),))


def _tool(
    name: str, spec: str, setup: ToolSetup, description: str = "", parameters: Schema | None = None
) -> Tool:
    async def run(arguments: Arguments, context: Context) -> object:
        if setup.asker is None:
            raise ToolFailed("nobody is there to answer")
        context.progress(f"{ANSWER_WANTED}: /answer {name}")
        question = Question(context.call_id, name, arguments, description, parameters)
        try:
            return await setup.asker.ask(question)
        except NoAnswer as refusal:
            raise ToolFailed(str(refusal) or "the person did not answer") from None

    schema = parameters or ANY_OBJECT
    # A person takes their time, and has seen the call before it is answered.
    return Tool(name, description, as_object(schema) or {}, spec, run, checks(schema), timeout_s=None)
