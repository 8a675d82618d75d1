"""A pack whose every text tries to be more than text: markup, script, templates, very long words.

Signs that turn text are refused in packs, so there are none in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from minipack import MiniPack

from advisor.corpus import Corpus

SAID = "</script><script>alert('said')</script><img src=x onerror=alert(1)>{{ 7 * 7 }}\"' onload='alert(2)' "
LINE = SAID + "w" * 150
TEXT = SAID + "w" * 15_000
_LINES = ("title", "question", "label", "short", "unit")
_TEXTS = ("text", "help", "note", "story", "summary", "standing")


def load(folder: Path) -> Corpus:
    """Write the pack into a folder and load it."""
    pack = MiniPack(folder)
    for file in sorted(folder.rglob("*.yaml")):
        content = yaml.safe_load(file.read_text("utf-8"))
        file.write_text(yaml.safe_dump(_spoilt(content), sort_keys=False, allow_unicode=True), "utf-8")
    return pack.load()


def _spoilt(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            key: _text(key) if isinstance(value, str) and _text(key) else _spoilt(value) for key, value in part.items()
        }
    return [_spoilt(one) for one in part] if isinstance(part, list) else part


def _text(key: str) -> str:
    return LINE if key in _LINES else TEXT if key in _TEXTS else ""
