"""``advisor serve``."""

from __future__ import annotations

from pathlib import Path

import click

import advisor


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
def command(host: str, port: int) -> None:
    """Serve the advisor over HTTP."""
    import uvicorn

    advisor.load_corpus()  # content that is refused is said here, before a server starts
    # The service lies beside this package; a folder called "api" in the working directory must not be taken for it.
    beside = str(Path(advisor.__file__).resolve().parent.parent)
    uvicorn.run("api.app:create_app", factory=True, app_dir=beside, host=host, port=port, server_header=False)
