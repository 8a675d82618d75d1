"""The views of a trace: one name, one media type and one function each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from advisor import diagram, picture, proof_text, provenance
from advisor.answer import Trace
from advisor.trace import proof_of


@dataclass(frozen=True, slots=True)
class View:
    """A way to show a trace.

    Attributes:
        media_type: of what it gives.
        render: gives it; whole lines, with a line feed at the end.
        drawn: whether it is a picture, which by default shows one proof.
    """

    media_type: str
    render: Callable[[Trace], str]
    drawn: bool = False


def _json(trace: Trace) -> str:
    return trace.model_dump_json(indent=2) + "\n"


VIEWS: Mapping[str, View] = {
    "text": View("text/plain; charset=utf-8", proof_text.as_text),
    "markdown": View("text/markdown; charset=utf-8", proof_text.as_markdown),
    "json": View("application/json", _json),
    "prov": View("application/ld+json", provenance.as_prov),
    "mermaid": View("text/vnd.mermaid; charset=utf-8", diagram.as_mermaid, drawn=True),
    "svg": View("image/svg+xml; charset=utf-8", picture.as_svg, drawn=True),
}
"""The views by the name of their format."""


def shown(trace: Trace, form: str, of: str | None = None, *, everything: bool = False) -> Trace:
    """Return what a view of a trace shows.

    Args:
        trace: the whole trace.
        form: one of ``VIEWS``.
        of: the one line, finding, lesson or rule to prove; None for what is usual: in a picture the first headline (or
            else the first line), in words and data all there is.
        everything: whether to show all there is in a picture too.

    Raises:
        UnknownIdError: nothing in the trace is called as ``of`` is.
    """
    if of is not None:
        return proof_of(trace, of)
    if everything or not VIEWS[form].drawn or not trace.lines:
        return trace
    nodes = {node.id: node for node in trace.nodes}
    headlines = (name for name in trace.lines if nodes[name].headline and nodes[name].kind in ("element", "caution"))
    return proof_of(trace, next(headlines, trace.lines[0]))
