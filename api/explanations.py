"""Explanations over HTTP: why a thing is advised, why it is not, and what would differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from advisor import situation
from advisor.case import Case
from advisor.compare import Comparison, changed, compare
from advisor.corpus import Corpus
from advisor.domains import TooManyValuesError
from advisor.errors import SituationError, UnknownIdError
from advisor.lookahead import look_ahead
from advisor.refusal import Fault, RefusedError, refusal_of, sentence
from advisor.request import facts_of, fields_of
from advisor.why import Why, why
from advisor.whynot import WhyNot, why_not
from api.body import read_json
from api.problems import ApiError

_FACTS = {"$ref": "#/components/schemas/Facts"}
_SITUATION = {"type": "object", "properties": {"facts": _FACTS}, "required": ["facts"], "additionalProperties": False}
_ID = {
    "description": "Id of an element, a lesson, a finding or a rule (a red flag has the id of its rule).",
    "type": "string",
    "examples": ["temporary-protection"],
}
_EXPLAIN = 'the request is {"facts": {name: value, …}, "why_not": id} or {"facts": …, "why": id}'
_COMPARE = 'the request is {"before": {"facts": …}, "after": {"facts": …}} or {"before": …, "change": {name: value, …}}'


def _explain_schema() -> dict[str, Any]:
    return {
        "title": "ExplainRequest",
        "type": "object",
        "properties": {"facts": _FACTS, "why": _ID, "why_not": _ID},
        "required": ["facts"],
        "oneOf": [{"required": ["why"]}, {"required": ["why_not"]}],
        "additionalProperties": False,
    }


def _compare_schema() -> dict[str, Any]:
    change = {
        "description": "Facts to be told otherwise; null takes a fact back.",
        "allOf": [_FACTS],
        "examples": [{"border_status": "closed"}],
    }
    return {
        "title": "CompareRequest",
        "type": "object",
        "properties": {"before": _SITUATION, "after": _SITUATION, "change": change},
        "required": ["before"],
        "oneOf": [{"required": ["after"]}, {"required": ["change"]}],
        "additionalProperties": False,
    }


def add_routes(app: FastAPI, corpus: Corpus) -> None:
    """Add ``POST /v1/explain`` and ``POST /v1/compare``."""

    @app.post(
        "/v1/explain",
        tags=["advice"],
        summary="Say why a thing is advised, or why it is not",
        operation_id="explain",
        responses={200: {"model": WhyNot | Why}},
        openapi_extra=_body(_explain_schema()),
    )
    async def post_explain(request: Request) -> Response:
        fields = fields_of(await read_json(request), ["facts"], ["why", "why_not"], _EXPLAIN)
        key = _either(fields, "why", "why_not", _EXPLAIN)
        name = fields[key]
        if not isinstance(name, str):
            raise _refused("wrong-type", f"{key!r} is the id of one thing, a text", f"/{key}")
        # Shown again where it is unknown: short, and text that JSON can say.
        name = name[:160].encode("utf-8", "replace").decode()

        def answer() -> BaseModel:
            case = _case(fields["facts"], corpus, "/facts")
            return why(case, name) if key == "why" else why_not(case, name)

        try:
            return _reply(await run_in_threadpool(answer))
        except UnknownIdError as error:
            fault = Fault(
                code="unknown-id", detail=str(error), pointer=f"/{key}", value=name, suggestion=error.suggestion
            )
            raise ApiError("invalid-request", sentence(str(error)), [fault]) from error
        except TooManyValuesError as error:
            raise ApiError("invalid-request", sentence(str(error))) from error

    @app.post(
        "/v1/compare",
        tags=["advice"],
        summary="Say how the advice on two situations differs, and through which facts",
        operation_id="compare",
        responses={200: {"model": Comparison}},
        openapi_extra=_body(_compare_schema()),
    )
    async def post_compare(request: Request) -> Response:
        fields = fields_of(await read_json(request), ["before"], ["after", "change"], _COMPARE)
        key = _either(fields, "after", "change", _COMPARE)

        def answer() -> BaseModel:
            before = _case(_facts(fields["before"], "before"), corpus, "/before/facts")
            if key == "after":
                return compare(before, _case(_facts(fields["after"], "after"), corpus, "/after/facts"))
            if not isinstance(fields["change"], dict):
                raise _refused("wrong-type", "'change' maps fact names to values", "/change")
            try:
                return compare(before, changed(before, fields["change"]))
            except SituationError as error:
                raise refusal_of(error, "/change") from error

        return _reply(await run_in_threadpool(answer))


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}, "required": True}}


def _either(fields: Mapping[str, Any], one: str, other: str, example: str) -> str:
    """Return which of two keys a request has; it must have one of them and not both."""
    found = [key for key in (one, other) if key in fields]
    if len(found) != 1:
        what = "both" if found else "neither"
        raise _refused("missing-key", f"one of {one!r} and {other!r} is wanted, here is {what}; {example}", "")
    return found[0]


def _facts(raw: Any, key: str) -> Any:
    """Return the facts of a situation inside a request; faults name the field inside the whole."""
    try:
        return facts_of(raw)
    except RefusedError as error:
        found = [fault.model_copy(update={"pointer": f"/{key}{fault.pointer}"}) for fault in error.errors]
        raise ApiError(error.kind, f"In {key!r}: {error.detail}", found) from error


def _case(raw: Any, corpus: Corpus, where: str) -> Case:
    try:
        facts = situation.parse(raw, corpus.facts)
    except SituationError as error:
        raise refusal_of(error, where) from error
    return Case(corpus, facts, look_ahead(corpus, facts))


def _refused(code: str, detail: str, where: str) -> ApiError:
    return ApiError("invalid-request", sentence(detail), [Fault(code=code, detail=detail, pointer=where)])


def _reply(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(), media_type="application/json")
