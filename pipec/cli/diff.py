"""Show what changed in meaning between two versions of a file: tasks, edges, schedule, options, and what that does to
the critical path. Where a statement stands, comments, layout and the names of consts and components mean nothing.

pipec diff old.pipe new.pipe
pipec diff git:HEAD etl.pipe                  what is not committed yet
pipec diff git:main etl.pipe --format markdown
pipec diff git:v1.2:jobs/etl.pipe etl.pipe    a file that had another path
pipec diff git:main etl.pipe --simulate       and how long runs take, as `pipec simulate` plays them
pipec diff /dev/null etl.pipe                 all of it is new

`git:REV` is the path of the other side in that revision, with the files it imports as they were there; after
`git:REV:` a path counts from the top of the repository, one that starts with `./` from this folder. A constant of -D
is given to each side that has it.

Exit: 0 done, 1 a side has errors, which are shown, or with --exit-code the meaning changed, 2 wrong usage or something
unreadable.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from pipec.cli import UsageError
from pipec.cli.diff_sides import load_sides
from pipec.cli.terminal import add_constants, positive, report_problems, similar, use_color
from pipec.collection import keep_to_the_end, without_garbage_collection

if TYPE_CHECKING:
    from pipec.comparison.model import Comparison


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD", help="a .pipe file, git:REV or git:REV:PATH")
    parser.add_argument("new", metavar="NEW", help="the same")
    parser.add_argument("--pipeline", metavar="NAME", help="only this one and those it calls; default: all")
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: text")
    parser.add_argument(
        "--simulate", action="store_true", help="play both sides in virtual time and compare how long runs take"
    )
    parser.add_argument("--slots", metavar="N", type=positive, help="of --simulate: so many tasks at once")
    parser.add_argument("--exit-code", action="store_true", help="exit with 1 if the meaning changed")
    add_constants(parser)


@without_garbage_collection()
def execute(arguments: Namespace) -> int:
    from pipec.api import CompileError, diff

    if arguments.slots is not None and not arguments.simulate:
        raise UsageError("--slots is for --simulate")
    sides = load_sides(arguments.old, arguments.new, dict(arguments.constants), arguments.color)
    if sides is None:
        return 1
    old, new = sides
    try:
        comparison = diff(old, new, pipeline=arguments.pipeline, simulated=arguments.simulate, slots=arguments.slots)
    except CompileError as error:
        report_problems(error.diagnostics, arguments.color)
        return 1
    except LookupError:
        known = {key for one in sides if one.program is not None for key in one.program.pipelines}
        name = arguments.pipeline
        raise UsageError(f"neither side has a pipeline `{name}`{similar(name, known)}") from None
    keep_to_the_end((sides, comparison))
    sys.stdout.write(_written(comparison, arguments))
    return 1 if arguments.exit_code and comparison.has_effect else 0


def _written(comparison: Comparison, arguments: Namespace) -> str:
    match arguments.format:
        case "json":
            import json

            from pipec.comparison.document import document

            return json.dumps(document(comparison), indent=2, ensure_ascii=False) + "\n"
        case "markdown":
            from pipec.comparison.markdown import comparison_markdown

            return comparison_markdown(comparison)
        case _:
            from pipec.comparison.text import comparison_text

            return comparison_text(comparison, use_color(arguments.color, sys.stdout))
