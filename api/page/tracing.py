"""The page on traces: how a line of the advice was derived, as a picture that one can move through, and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from advisor.advice import answer_to
from advisor.answer import Advice, NodeKind, Trace, TraceNode
from advisor.conditions import Facts
from advisor.corpus import Corpus
from advisor.errors import UnknownIdError
from advisor.picture import as_svg
from advisor.proof_text import Step, proofs
from advisor.trace import node_of, trace
from advisor.trace_views import VIEWS, shown
from api.page import link
from api.page.link import Told
from api.page.situation import asked_of, questions_of, told_of
from api.page.situation import shown as situation
from api.page.templating import Templates

OF = "of"
"""The parameter that names the line to prove."""
WHOLE = "*"
"""Its value that asks for everything."""
ENDINGS = {"text": "txt", "markdown": "md", "json": "json", "prov": "jsonld", "mermaid": "mmd", "svg": "svg"}
"""The views of a trace, and how files with them end."""


@dataclass(slots=True)
class Branch:
    """A step of a proof with those that it rests on."""

    step: Step
    branches: list[Branch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of which the proof can be shown."""

    id: str
    title: str


def routes(corpus: Corpus, templates: Templates) -> list[BaseRoute]:
    """Return the routes."""

    def page(request: Request) -> Response:
        told = told_of(request, corpus)
        answer = answer_to(told.facts, corpus)
        advice = answer.advice()
        whole = trace(answer.case, advice)
        of = asked_of(request, OF)
        proof = _proof(whole, of)
        context: dict[str, Any] = {
            **situation(request, corpus, told),
            "of": of,
            "whole": WHOLE,
            "choices": tuple(_choices(whole, advice)),
            "proof": proof,
            "node": None if proof is None or proof.of is None else node_of(proof, proof.of),
            "svg": None,
            "derived": (),
            "downloads": (),
        }
        if proof is None:
            # It is no part of this answer; whether there is such a thing at all is for the page on why not to say.
            return templates.page("trace", request, context, HTTPStatus.NOT_FOUND)
        if proof.nodes:
            # The picture escapes what it shows by itself.
            context["svg"] = Markup(as_svg(proof, _hrefs(corpus, told.facts)))
            names = [proof.of] if proof.of else proof.lines
            labels = {name: fact.label for name, fact in corpus.facts.items()}
            context["derived"] = [
                branch for steps in proofs(proof, names, labels=labels) for branch in branches_of(steps)
            ]
            named = {OF: of or proof.of or ""}
            context["downloads"] = tuple(
                (name, link.link_to(f"/trace.{ending}", told.facts, **named)) for name, ending in ENDINGS.items()
            )
        return templates.page("trace", request, context)

    def download(request: Request) -> Response:
        form = {ending: name for name, ending in ENDINGS.items()}.get(request.path_params["ending"])
        if form is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        told = told_of(request, corpus)
        proof = _proof(_whole(told, corpus), asked_of(request, OF))
        if proof is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        view = VIEWS[form]
        headers = {
            "Content-Type": view.media_type,
            "Content-Disposition": f'attachment; filename="trace.{ENDINGS[form]}"',
        }
        return Response(view.render(proof).encode("utf-8", "replace"), headers=headers)

    return [Route("/trace", page), Route("/trace.{ending}", download)]


def _whole(told: Told, corpus: Corpus) -> Trace:
    return trace(answer_to(told.facts, corpus).case)


def _proof(whole: Trace, of: str) -> Trace | None:
    """Return what was asked for; None where the trace has no such thing."""
    try:
        return shown(whole, "svg", of if of not in ("", WHOLE) else None, everything=of == WHOLE)
    except UnknownIdError:
        return None


def _choices(whole: Trace, advice: Advice) -> Iterator[tuple[str, tuple[Choice, ...]]]:
    """Yield the lines whose proof can be shown, in the parts that the advice has."""
    headlines = {item.id for item in advice.headlines}
    nodes = {node.id: node for node in whole.nodes}
    parts: dict[str, list[Choice]] = {
        part: [] for part in ("red_flags", "headlines", "outline", "arguments", "set_aside")
    }
    for name in whole.lines:
        node = nodes[name]
        parts[_part(node, headlines)].append(Choice(node.id, node.label))
    yield from ((part, tuple(choices)) for part, choices in parts.items() if choices)


def _part(node: TraceNode, headlines: Iterable[str]) -> str:
    if node.kind in ("red_flag", "contradiction"):
        return "red_flags"
    if node.kind == "argument":
        return "arguments"
    if not node.standing or node.kind == "set_aside":
        return "set_aside"
    return "headlines" if node.name in headlines else "outline"


def branches_of(steps: Sequence[Any]) -> list[Any]:
    """Return steps, each with a depth, as branches: what stands deeper belongs to what stands before it."""
    roots: list[Branch] = []
    stack: list[Branch] = []
    for step in steps:
        branch = Branch(step)
        del stack[step.depth :]
        (stack[-1].branches if stack else roots).append(branch)
        stack.append(branch)
    return roots


def _hrefs(corpus: Corpus, facts: Facts) -> Callable[[TraceNode], str]:
    """Return what says where each box of a picture leads."""
    question = questions_of(corpus, facts)
    lines: dict[NodeKind, str] = {
        "element": "recommendation",
        "set_aside": "recommendation",
        "red_flag": "red_flag",
        "contradiction": "contradiction",
        "caution": "caution",
        "argument": "argument",
    }
    pages: dict[NodeKind, str] = {
        "finding": "findings",
        "rule": "rules",
        "defeat": "rules",
        "lesson": "lessons",
        "condition": "lessons",
    }

    def href(node: TraceNode) -> str:
        if node.kind == "fact":
            return question(node.name)
        if node.kind == "precedent":
            return f"{link.link_to('/precedents', facts)}#precedent-{node.name}"
        if node.kind in lines:
            return link.link_to(f"/lines/{lines[node.kind]}/{node.name}", facts)
        return link.link_to(f"/{pages[node.kind]}/{node.name.split('/')[0]}", facts)

    return href
