"""``advisor serve``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

import click

import advisor
from advisor.commands.shared import packs_option
from advisor.content import named_folders


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--watch", is_flag=True, help="Take up edits of the packs within two seconds; invalid ones are refused.")
@packs_option
def command(host: str, port: int, watch: bool, packs: Sequence[str]) -> None:
    """Serve the advisor over HTTP."""
    import uvicorn

    # The service lies beside this package; a folder called "api" in the working directory must not be taken for it.
    sys.path.insert(0, str(Path(advisor.__file__).resolve().parent.parent))
    service = importlib.import_module("api.reload")
    # Content that is refused is said here, before a server starts.
    app = service.LiveApp(named_folders(packs), watch=watch)
    uvicorn.run(app, host=host, port=port, server_header=False)
