"""Tools from a Python file or module: its public functions that have a docstring."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
import sysconfig
import traceback
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

from realtime_cli.errors import BadInput

from .context import Context
from .docstrings import description
from .signatures import NoToolError, Signature, signature_of
from .sources import Source, ToolSetup
from .threads import Workers
from .tool import Arguments, Run, Tool, is_name

_Function: TypeAlias = Callable[..., Any]
_NOT_THERE = "it must be installed where realtime is, or stand beside the file"
_HINT = "a tool is a public function with type hints and a docstring"


def open_python(spec: str, setup: ToolSetup, workers: Workers) -> Source:
    """The tools of `weather.py` or of `package.module`. Raises `BadInput` with the file and the line."""
    module = _file(spec, setup.path(spec).resolve()) if spec.endswith(".py") else _module(spec, setup.cwd)
    tools = tuple(_tool(each, spec, setup, workers) for each in _functions(module))
    if not tools:
        raise BadInput(f"{spec} has no tools", hint=_HINT)
    return Source(spec, tools)


def _file(spec: str, path: Path) -> ModuleType:
    if not path.is_file():
        raise BadInput(f"{spec}: no such file")
    _look_in(path.parent)
    # The path is its name: a file may be called like a module that is there already.
    found = importlib.util.spec_from_file_location(str(path), path)
    assert found is not None
    assert found.loader is not None
    module, loader = importlib.util.module_from_spec(found), found.loader
    sys.modules[str(path)] = module  # dataclasses and type hints look their module up

    def load() -> ModuleType:
        loader.exec_module(module)
        return module

    return _loaded(spec, load)


def _module(spec: str, cwd: Path) -> ModuleType:
    _look_in(cwd)
    return _loaded(spec, lambda: importlib.import_module(spec))


def _look_in(folder: Path) -> None:
    """Lets a file import its neighbours; none of them takes the place of a module that is there already."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _loaded(spec: str, load: Callable[[], ModuleType]) -> ModuleType:
    try:
        with redirect_stdout(sys.stderr):  # stdout is for data
            return load()
    except SyntaxError as error:
        place = f"{error.filename or spec} line {error.lineno}"
        raise BadInput(
            f"{place}: {type(error).__name__}: {error.msg}", hint=f"it is needed for {spec}"
        ) from None
    except (Exception, SystemExit) as error:  # the file is somebody else's code
        hint = _NOT_THERE if isinstance(error, ModuleNotFoundError) else ""
        raise BadInput(f"{_place(error, spec)}: {type(error).__name__}: {error}", hint=hint) from None


def _place(error: BaseException, spec: str) -> str:
    """The last line that was run of the user's own files: not of ours, of Python's, or of a library."""
    frames = [each for each in traceback.extract_tb(error.__traceback__) if _is_own(each.filename)]
    return f"{frames[-1].filename} line {frames[-1].lineno}" if frames else spec


def _is_own(filename: str) -> bool:
    places = (sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), "<frozen", __file__)
    return not filename.startswith(places)


def _functions(module: ModuleType) -> list[_Function]:
    """Public functions that are defined here, in their order; `__all__` chooses, where there is one."""
    chosen: object = getattr(module, "__all__", None)
    return [
        each
        for name, each in vars(module).items()
        if inspect.isfunction(each)
        and (name in chosen if isinstance(chosen, list | tuple) else not name.startswith("_"))
        and each.__module__ == module.__name__
        and each.__doc__
    ]


def _tool(function: _Function, spec: str, setup: ToolSetup, workers: Workers) -> Tool:
    name = function.__name__
    try:
        if not is_name(name):
            raise NoToolError("its name has other characters than a-z, A-Z, 0-9, _ and -")
        signature = signature_of(function)
    except NoToolError as problem:
        code = function.__code__
        raise BadInput(
            f"{code.co_filename} line {code.co_firstlineno}: {name} cannot be a tool: {problem}",
            hint="begin its name with _ if it is not meant to be one",
        ) from None
    return Tool(
        name=name,
        description=description(function.__doc__ or ""),
        parameters=signature.schema,
        source=spec,
        run=_runner(function, signature, workers),
        check=signature.check,
        timeout_s=setup.timeout_s,
    )


def _runner(function: _Function, signature: Signature, workers: Workers) -> Run:
    if inspect.iscoroutinefunction(function):

        async def run(arguments: Arguments, context: Context) -> object:
            return await function(**arguments, **dict.fromkeys(signature.contexts, context))

        return run

    workers.warm()

    async def run_in_thread(arguments: Arguments, context: Context) -> object:
        given = {**arguments, **dict.fromkeys(signature.contexts, context)}
        result = await workers.run(lambda: function(**given))
        return await result if inspect.isawaitable(result) else result

    return run_in_thread
