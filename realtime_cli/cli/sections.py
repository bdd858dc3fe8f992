"""Help in sections: sixty options in one list are read by nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from .help import FittedCommand


class Sectioned(FittedCommand):
    """A command whose plain help has headings, and ends with examples.

    `headings` names the option (as in Python) that each section begins with.
    """

    headings: ClassVar[Mapping[str, str]] = {}
    examples: ClassVar[Sequence[str]] = ()

    # Typer does not export the types that it gives here.
    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Writes the options, section by section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        heading = "Options"
        for param in self.get_params(ctx):
            heading = self.headings.get(param.name or "", heading)
            record = param.get_help_record(ctx)
            if record is not None:
                sections.setdefault(heading, []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Writes the examples as they are."""
        formatter.write("\nExamples:\n" + "".join(f"  {line}\n" for line in self.examples))
