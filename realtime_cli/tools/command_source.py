"""A command as a tool: arguments as JSON on stdin, the answer on stdout. Never through a shell."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from realtime_cli.errors import UsageError
from realtime_cli.protocol.jsontypes import dump

from .arguments import checks
from .context import Context
from .privacy import public_command
from .processes import run_program
from .sources import Source, ToolSetup
from .tool import ANY_OBJECT, Arguments, Schema, Tool, ToolFailed, as_name
from .yaml_file import Entry, read_yaml

_FIELDS = ("name", "description", "parameters", "timeout_s")
_SUFFIXES = (".tool.yaml", ".tool.yml", ".yaml", ".yml")
_SAID = 2000


@dataclass(frozen=True, slots=True)
class _Command:
    words: tuple[str, ...] = field(repr=False)
    environment: dict[str, str] = field(repr=False)
    cwd: Path

    async def run(self, arguments: Arguments, _: Context) -> object:
        given = dump(dict(arguments)).encode()
        try:
            ended = await run_program(self.words, stdin=given, environment=self.environment, cwd=self.cwd)
        except OSError as problem:
            raise ToolFailed(f"the command cannot be run: {problem.strerror or problem}") from None
        said = ended.stderr.decode("utf-8", "replace").strip()
        if ended.status:
            words = f"the command ended with status {ended.status}"
            raise ToolFailed(f"{words}: {said[-_SAID:]}" if said else words, detail=said)
        if said:
            sys.stderr.write(said + "\n")
        return ended.stdout.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


def open_command(spec: str, setup: ToolSetup) -> Source:
    """The tool of a `cmd:` spec. Raises `UsageError`, or `BadInput` for its YAML."""
    words = split_command(spec.removeprefix("cmd:"), spec)
    environment = setup.environment()
    found = find_program(words[0], environment, setup.cwd)
    shown = f"cmd:{public_command(words)}"
    script, entry = _described(words, setup.cwd)
    schema: Schema = (entry.schema() if entry else None) or ANY_OBJECT
    tool = Tool(
        name=entry.name(as_name(script.stem)) if entry else as_name(script.stem),
        description=entry.text("description") if entry else "",
        parameters=schema,
        source=shown,
        run=_Command((found, *words[1:]), environment, setup.cwd).run,
        check=checks(schema),
        needs_approval=True,
        timeout_s=entry.number("timeout_s", setup.timeout_s) if entry else setup.timeout_s,
    )
    return Source(shown, (tool,), secrets=setup.passed_secrets())


def split_command(text: str, spec: str) -> list[str]:
    """The words of a command. Raises `UsageError`."""
    try:
        words = shlex.split(text, posix=sys.platform != "win32")
    except ValueError as problem:
        raise UsageError(f"{spec.partition(':')[0]}: this is no command: {problem}") from None
    if not words:
        raise UsageError(f"{spec} names no command", hint="such as cmd:./weather.sh")
    return [word.strip('"') for word in words] if sys.platform == "win32" else words


def find_program(name: str, environment: dict[str, str], cwd: Path) -> str:
    """Where a program is: what is named by a path stands relative to the folder. Raises `UsageError`."""
    place = str(cwd / name) if os.sep in name or "/" in name else name
    found = shutil.which(place, path=environment.get("PATH"))
    if found is None:
        raise UsageError(f"there is no program {name}", hint=_remedy(name, cwd))
    return found


def _remedy(program: str, cwd: Path) -> str:
    if (cwd / program).is_file():
        return f"is it executable? chmod +x {program}"
    return "give its path, such as cmd:./weather.sh, or a program that is on the PATH"


def _described(words: list[str], cwd: Path) -> tuple[Path, Entry | None]:
    """The file that the tool is named after, and its YAML: of those files that the command names, the first
    that has one; else the first in this folder; else the program."""
    files = [cwd / word for word in words if (cwd / word).is_file()]
    for file in files:
        for path in (file.with_name(file.stem + suffix) for suffix in _SUFFIXES):
            if path.is_file() and path not in files:
                return file, Entry(read_yaml(path), place=str(path), fields=_FIELDS)
    own = (file for file in files if file.is_relative_to(cwd))
    return next(own, Path(words[0])), None
