"""What the service serves, and what became of the latest edit of its packs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fastapi import FastAPI
from pydantic import BaseModel, Field

from advisor.errors import Problem
from advisor.live import Refusal, Served
from advisor.refusal import Fault


class ContentFault(Fault):
    """One thing that is wrong in a file of a pack."""

    file: str = Field(description="The file, as the service's log shows it.")
    line: int = Field(description="The line, counted from 1; 0 where the whole file or folder is meant.")
    column: int = Field(description="The column, counted from 1; 0 where a whole line or file is meant.")
    repair: str = Field(description="What to write instead.")


class CorpusStatus(BaseModel):
    """What is served, and what became of the latest edit."""

    state: Literal["serving", "refused"] = Field(
        description="'refused': the latest edit of the packs is invalid; the corpus from before it goes on answering."
    )
    watching: bool = Field(
        description="Whether edits are taken up by themselves; if not, the service looks at its packs again at SIGHUP."
    )
    version: str = Field(description="Ids and versions of the packs served.")
    digest: str = Field(description="Digest of the corpus served; that of the header Advisor-Corpus-Digest.")
    loaded_at: datetime = Field(description="When the corpus served was loaded.")
    reloads: int = Field(description="How many corpora have taken over from the one before since the service started.")
    refused_at: datetime | None = Field(description="When the latest edit was refused; null where it was not.")
    problems: tuple[ContentFault, ...] = Field(description="Why the latest edit was refused: every error in it.")


@dataclass(frozen=True, slots=True)
class Keeping:
    """How an application is kept up with its packs.

    Attributes:
        served: what the application serves.
        watching: whether the packs are watched.
        refusal: gives the latest edit, if it was refused.
    """

    served: Served
    watching: bool = False
    refusal: Callable[[], Refusal | None] = lambda: None


def add_routes(app: FastAPI, keeping: Keeping) -> None:
    """Add ``GET /v1/corpus/status``."""

    @app.get(
        "/v1/corpus/status",
        tags=["service"],
        summary="Say what is served, and what became of the latest edit of the packs",
        operation_id="show_corpus_status",
    )
    async def get_status() -> CorpusStatus:
        served, refusal = keeping.served, keeping.refusal()
        return CorpusStatus(
            state="refused" if refusal else "serving",
            watching=keeping.watching,
            version=served.corpus.version,
            digest=served.corpus.digest,
            loaded_at=served.since,
            reloads=served.reloads,
            refused_at=refusal.at if refusal else None,
            problems=tuple(map(_fault, refusal.problems)) if refusal else (),
        )


def _fault(problem: Problem) -> ContentFault:
    return ContentFault(
        code=problem.code,
        detail=problem.message,
        pointer=problem.pointer,
        value=problem.value,
        allowed=problem.allowed,
        suggestion=problem.suggestion,
        file=problem.file,
        line=problem.line,
        column=problem.column,
        repair=problem.repair,
    )
