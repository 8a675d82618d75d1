"""The command ``advisor``, also as ``python -m advisor``: begins and ends the process of the command line."""

from __future__ import annotations

import gc
import os
import sys

BRIEF = ("advise",)
"""Commands that answer one question and hold nothing that must be released: they start and end as fast as may be."""


def main() -> None:
    """Run the command line on what the process was given, and end it."""
    brief = sys.argv[1:2] and sys.argv[1] in BRIEF
    if brief:
        gc.set_threshold(200_000)  # while all is still being made, looking for garbage finds none
    from advisor import cli, records

    if not brief:
        cli.main()
    records.allow()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")  # to find out that there are none, it looks far and wide
    try:
        status = cli.run(sys.argv[1:])
    except records.ModelsNeededError:
        # Nothing was read of the input or said yet: begin again, without what led here.
        os.environ["ADVISOR_CACHE"] = "off"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    # Freeing one by one what the system frees at once would take a tenth of the time. All was written: echo flushes.
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
