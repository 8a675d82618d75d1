"""``advisor serve``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

import click

import advisor
from advisor.commands.shared import corpus_of, packs_option


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@packs_option
def command(host: str, port: int, packs: Sequence[str]) -> None:
    """Serve the advisor over HTTP."""
    import uvicorn

    corpus = corpus_of(packs)  # content that is refused is said here, before a server starts
    # The service lies beside this package; a folder called "api" in the working directory must not be taken for it.
    sys.path.insert(0, str(Path(advisor.__file__).resolve().parent.parent))
    service = importlib.import_module("api.app")
    uvicorn.run(service.create_app(corpus), host=host, port=port, server_header=False)
