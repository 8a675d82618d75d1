"""The brief form of an answer: what is advised by its ids, without the reasons. A fiftieth of the size.

Its fields are flat, so that they are the columns of a table, too. What an id means is in the corpus.
"""

from __future__ import annotations

from advisor.answer import Part
from advisor.shapes import Field


class Brief(Part):
    """What is advised on a situation, by ids: elements for recommendations, lessons for cautions, rules for flags."""

    answer: str = Field(description="Id of the answer: equal facts and equal corpus, equal id.")
    complete: bool = Field(description="Whether no unknown fact could change the answer.")
    questions_open: int = Field(description="How many unknown facts could still change the answer.")
    findings: tuple[str, ...] = Field(description="What was derived of the situation.")
    red_flags: tuple[str, ...] = Field(description="Rules that raise a red flag or report a contradiction.")
    headlines: tuple[str, ...] = Field(description="The recommendations and cautions to read first, by rank.")
    must: tuple[str, ...] = Field(description="All recommendations and cautions of this strength, headlines first.")
    should: tuple[str, ...] = Field(description="Those of this strength.")
    consider: tuple[str, ...] = Field(description="Those of this strength.")
    avoid: tuple[str, ...] = Field(description="Those of this strength.")
    arguments: tuple[str, ...] = Field(description="Lessons that are risks of doing nothing, or grounds for sharing.")
    set_aside: tuple[str, ...] = Field(description="What another lesson forbids here, or what is in place already.")
    provisional: tuple[str, ...] = Field(description="Of what is recommended, what unknown facts could set aside.")
    precedents: tuple[str, ...] = Field(description="Earlier arrangements to which the lessons point.")
    questions: tuple[str, ...] = Field(description="Facts to ask next, the most telling first; at most twelve.")
