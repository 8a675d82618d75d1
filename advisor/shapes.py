"""What content and answers are made of: models of pydantic, or records with the same fields (``advisor.records``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor import records

if TYPE_CHECKING or not records.chosen():
    from pydantic import BaseModel, ConfigDict, Field, StringConstraints
    from pydantic_core import to_json
else:
    from advisor.records import ConfigDict, Field, StringConstraints, to_json
    from advisor.records import Record as BaseModel

__all__ = ["BaseModel", "ConfigDict", "Field", "StringConstraints", "to_json"]
