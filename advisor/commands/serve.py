"""``advisor serve``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

import advisor
from advisor.commands.shared import packs_option
from advisor.content import named_folders


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--watch", is_flag=True, help="Take up edits of the packs within two seconds; invalid ones are refused.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 256), help="How many processes serve.")
@click.option("--access-log/--no-access-log", default=True, show_default=True, help="A line in the log per request.")
@packs_option
def command(host: str, port: int, watch: bool, workers: int, access_log: bool, packs: Sequence[str]) -> None:
    """Serve the advisor over HTTP."""
    import uvicorn

    # The service lies beside this package; a folder called "api" in the working directory must not be taken for it.
    sys.path.insert(0, str(Path(advisor.__file__).resolve().parent.parent))
    folders = tuple(named_folders(packs))
    settings: dict[str, Any] = {"host": host, "port": port, "access_log": access_log, "server_header": False}
    # Content that is refused is said here, before a server starts.
    if workers == 1:
        service = importlib.import_module("api.reload")
        uvicorn.run(service.LiveApp(folders, watch=watch), **settings)
    else:
        advisor.load_corpus(*folders)
        several = importlib.import_module("api.workers")
        sys.exit(several.Workers(several.Served(folders, watch, settings), workers).run())
