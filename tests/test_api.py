from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jsonschema
import pytest
from fastapi import Request, Response
from fastapi.testclient import TestClient
from starlette.types import Message

import advisor
from advisor.corpus import Corpus
from advisor.lookup import KINDS
from api.app import DIGEST_HEADER, create_app

FACTS: dict[str, Any] = {
    "situation_types": ["mass_influx"],
    "border_status": "closed",
    "contributions_offered": ["money"],
}


@pytest.fixture(scope="module")
def client(corpus: Corpus) -> Iterator[TestClient]:
    with TestClient(create_app(corpus), raise_server_exceptions=False) as client:
        yield client


def hrefs(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "href":
                yield value
            else:
                yield from hrefs(value)
    elif isinstance(data, list):
        for part in data:
            yield from hrefs(part)


def test_advice_over_http_equals_advice_from_the_library(client: TestClient, corpus: Corpus) -> None:
    reply = client.post("/v1/advice", json={"facts": FACTS})
    assert reply.status_code == 200
    assert reply.text == advisor.advise(FACTS, corpus).model_dump_json()


def test_the_answer_has_the_shape_of_the_contract(client: TestClient) -> None:
    answer = client.post("/v1/advice", json={"facts": FACTS}).json()
    assert set(answer) >= {
        "id", "corpus", "situation", "red_flags", "recommendations", "arguments", "set_aside", "precedents",
        "questions", "notices",
    }  # fmt: skip
    assert set(answer["corpus"]) >= {"version", "digest", "packs"}
    item = {
        "id", "kind", "title", "text", "strength", "hedge", "basis", "headline", "group", "phases", "lessons",
        "conditions", "provisional", "rationale",
    }  # fmt: skip
    rationale = {"rule", "lesson", "because", "paragraphs", "reading"}
    for part in ("red_flags", "recommendations", "arguments"):
        assert answer[part], part
        for line in answer[part]:
            assert set(line) >= item
            assert line["rationale"]
            assert all(set(reason) >= rationale for reason in line["rationale"])


def test_every_href_and_every_name_in_an_answer_resolves(client: TestClient) -> None:
    facts = {**FACTS, "situation_types": ["mass_influx", "protracted", "mixed_movement"], "arrivals_count": 12}
    answer = client.post("/v1/advice", json={"facts": facts}).json()
    named = set(hrefs(answer))
    for line in [*answer["recommendations"], *answer["red_flags"], *answer["arguments"], *answer["set_aside"]]:
        named |= {f"/v1/lessons/{name}" for name in line["lessons"]}
        named |= {f"/v1/elements/{name}" for name in [line["element"], *line["bears_on"]] if name}
        reasons = [*line["rationale"], *line.get("defeated_by", [])]
        named |= {f"/v1/rules/{reason['rule']}" for reason in reasons if reason["rule"]}
        named |= {
            f"/v1/findings/{one['finding']}" for reason in reasons for one in reason["because"] if "finding" in one
        }
        named |= {f"/v1/facts/{one['fact']}" for reason in reasons for one in reason["because"] if "fact" in one}
    named |= {f"/v1/precedents/{note['precedent']}" for note in answer["precedents"]}
    named |= {f"/v1/facts/{question['fact']}" for question in answer["questions"]}
    assert answer["set_aside"]
    assert len(named) > 100
    missing = [href for href in sorted(named) if client.get(href).status_code != 200]
    assert missing == []


def test_every_list_and_every_entry_of_the_catalogue_answers(client: TestClient, corpus: Corpus) -> None:
    for kind in KINDS:
        if kind == "places":
            continue
        listed = client.get(f"/v1/{kind}").json()
        assert listed["count"] == len(getattr(corpus, kind)) == len(listed["items"])
        first = listed["items"][0]
        assert client.get(f"/v1/{kind}/{first.get('id', first.get('name'))}").json() == first
    paragraphs = client.get("/v1/sources/amman-2011/paragraphs").json()
    assert paragraphs["count"] == len(corpus.places)
    assert set(hrefs(paragraphs)) == {item["href"] for item in paragraphs["items"]}


def test_a_rule_comes_with_its_yaml_as_written(client: TestClient, corpus: Corpus) -> None:
    for rule in corpus.rules.values():
        found = client.get(f"/v1/rules/{rule.id}").json()
        assert found["yaml"] == rule.text
        assert f"\nid: {rule.id}\n" in found["yaml"]


@pytest.mark.parametrize(
    ("query", "key", "value"),
    [
        ("rules?topic=safeguards", "topic", "safeguards"),
        ("rules?reading=ours", "reading", "ours"),
        ("lessons?strength=avoid", "strength", "avoid"),
        ("elements?group=hosting", "group", "hosting"),
        ("facts?group=D", "group", "D"),
    ],
)
def test_lists_are_filtered(client: TestClient, query: str, key: str, value: str) -> None:
    kind = query.split("?")[0]
    some, everything = client.get(f"/v1/{query}").json(), client.get(f"/v1/{kind}").json()
    assert 0 < some["count"] < everything["count"]
    assert {item[key] for item in some["items"]} == {value}


def test_filters_on_places_take_the_bare_paragraph(client: TestClient) -> None:
    found = client.get("/v1/lessons?place=25").json()["items"]
    assert found
    assert {item["paragraph"]["ref"] for item in found} == {"25"}


def test_an_unknown_filter_is_named_with_the_nearest_one(client: TestClient) -> None:
    reply = client.get("/v1/rules?topik=x")
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["suggestion"] == "topic"


def test_the_corpus_and_the_health_name_the_digest(client: TestClient, corpus: Corpus) -> None:
    assert client.get("/health").json()["digest"] == corpus.digest
    assert client.get("/v1/corpus").json()["digest"] == corpus.digest


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/health"), ("GET", "/nothing"), ("PUT", "/v1/advice"), ("POST", "/v1/advice")]
)
def test_every_reply_carries_the_digest(client: TestClient, corpus: Corpus, method: str, path: str) -> None:
    assert client.request(method, path).headers[DIGEST_HEADER] == corpus.digest


def test_all_faults_of_a_request_are_reported_at_once(client: TestClient) -> None:
    facts = {"situaton_types": [], "border_status": "shut", "states_count": -1, "years_in_exile": "long", "region": 5}
    reply = client.post("/v1/advice", json={"facts": facts})
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert client.get(problem["type"]).status_code == 200
    found = {fault["pointer"]: fault for fault in problem["errors"]}
    assert {pointer: fault["code"] for pointer, fault in found.items()} == {
        "/facts/situaton_types": "unknown-fact",
        "/facts/border_status": "value-not-allowed",
        "/facts/states_count": "out-of-range",
        "/facts/years_in_exile": "wrong-type",
        "/facts/region": "wrong-type",
    }
    assert found["/facts/situaton_types"]["suggestion"] == "situation_types"
    assert found["/facts/border_status"]["value"] == "shut"
    assert found["/facts/border_status"]["allowed"] == ["open", "closure_threatened", "closed"]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"", 400, "the body is empty"),
        (b"{", 400, "line 1, column 2"),
        (b"\xff\xfe", 400, "not UTF-8"),
        (b'{"facts": {"states_count": NaN}}', 400, "no number NaN"),
        (b'{"facts": {"region": "eu", "region": "mena"}}', 400, "'region' stands twice"),
        (b"[" * 200_000, 400, "nested too deeply"),
        (b"[]", 422, "must be an object"),
        (b"{}", 422, "'facts' is missing"),
        (b'{"facts": null}', 422, "not null"),
        (b'{"facts": [1]}', 422, "not a list"),
        (b'{"facts": {}, "factss": {}}', 422, "did you mean 'facts'?"),
        (b'{"facts": {"\\ud800": "\\udfff"}}', 422, "no fact named '?'"),
        (b'{"facts": {"region": "\\ud800"}}', 422, "region has no value '?'"),
        (b'{"facts": {"states_count": 1' + b"0" * 5000 + b"}}", 422, "whole number"),
        (b'{"facts": {"states_count": 1e999}}', 422, "whole number"),
        (b'{"facts": {"states_count": 2.5}}', 422, "not 2.5"),
        (b'{"facts": {"states_count": true}}', 422, "not true"),
        (b'{"facts": {"situation_types": [["mass_influx"]]}}', 422, "not a list"),
        (b'{"facts": {"situation_types": {"mass_influx": true}}}', 422, "not a mapping"),
    ],
)
def test_bad_bodies_get_a_problem_that_says_what_is_wrong(
    client: TestClient, body: bytes, status: int, says: str
) -> None:
    reply = client.post("/v1/advice", content=body, headers={"content-type": "application/json"})
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert says in reply.json()["detail"]


def test_a_thousand_unknown_facts_are_all_named(client: TestClient) -> None:
    reply = client.post("/v1/advice", json={"facts": {f"fact_{number}": 1 for number in range(1000)}})
    assert reply.status_code == 422
    assert len(reply.json()["errors"]) == 1000


def test_a_body_that_is_too_large_is_refused_whether_or_not_it_says_so(client: TestClient) -> None:
    large = json.dumps({"facts": {"region": "x" * 1_100_000}}).encode()
    declared = client.post("/v1/advice", content=large, headers={"content-type": "application/json"})
    chunks = (large[start : start + 65_536] for start in range(0, len(large), 65_536))
    streamed = client.post("/v1/advice", content=chunks, headers={"content-type": "application/json"})
    assert declared.status_code == streamed.status_code == 413
    assert "1,000,000" in declared.json()["detail"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_another_media_type_is_refused(client: TestClient, media_type: str) -> None:
    reply = client.post("/v1/advice", content=b"{}", headers={"content-type": media_type})
    assert reply.status_code == 415
    assert media_type in reply.json()["detail"]


def test_a_large_body_is_answered_as_a_small_one(client: TestClient, corpus: Corpus) -> None:
    body = json.dumps({"facts": FACTS}).encode() + b" " * 100_000
    reply = client.post("/v1/advice", content=body, headers={"content-type": "application/json"})
    assert reply.text == advisor.advise(FACTS, corpus).model_dump_json()


@pytest.mark.parametrize("query", ["?trace=false", "?"])
def test_the_trace_is_left_out_unless_it_is_asked_for(client: TestClient, corpus: Corpus, query: str) -> None:
    reply = client.post(f"/v1/advice{query}", json={"facts": FACTS})
    assert reply.text == advisor.advise(FACTS, corpus).model_dump_json()


@pytest.mark.parametrize("query", ["trace=maybe", "trase=true", "trace=true&trace=true"])
def test_a_query_that_is_not_allowed_is_refused(client: TestClient, query: str) -> None:
    reply = client.post(f"/v1/advice?{query}", json={"facts": FACTS})
    assert reply.status_code == 400
    assert reply.json()["type"] == "/v1/problems/invalid-query"


def test_a_bug_is_said_as_a_problem(client: TestClient, corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr("api.advice.advise_json", fail)
    reply = client.post("/v1/advice", json={"facts": FACTS})
    assert reply.status_code == 500
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers[DIGEST_HEADER] == corpus.digest
    assert reply.json()["detail"] == "A bug: ZeroDivisionError. Please report it."


def test_answers_that_take_long_leave_the_service_listening(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    def answer(*_: object) -> bytes:
        threads.append(threading.current_thread().name)
        sum(range(3_000_000))
        return b"{}"

    app = create_app(corpus)
    monkeypatch.setattr("api.advice.advise_json", answer)
    with TestClient(app) as client:
        for _ in range(50):
            assert client.post("/v1/advice", json={"facts": FACTS}).text == "{}"
    assert threads[0] != threads[-1]


def test_middleware_that_was_added_sees_requests_for_advice(corpus: Corpus) -> None:
    app = create_app(corpus)

    @app.middleware("http")
    async def mark(request: Request, follow: Callable[[Request], Awaitable[Response]]) -> Response:
        reply = await follow(request)
        reply.headers["X-Seen"] = request.url.path
        return reply

    with TestClient(app) as client:
        reply = client.post("/v1/advice", json={"facts": FACTS})
        assert reply.headers["X-Seen"] == "/v1/advice"
        assert reply.headers.get_list(DIGEST_HEADER) == [corpus.digest]
        assert reply.text == advisor.advise(FACTS, corpus).model_dump_json()
        assert client.post("/v1/advice", json={"facts": {"region": 5}}).status_code == 422


def test_a_client_that_goes_away_while_it_speaks_is_no_error(corpus: Corpus) -> None:
    said: list[Message] = [
        {"type": "http.request", "body": b'{"facts": ', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return said.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/advice", "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }  # fmt: skip
    asyncio.run(create_app(corpus)(scope, receive, send))
    assert (said, sent) == ([], [])


def test_a_wrong_method_names_the_right_one(client: TestClient) -> None:
    reply = client.get("/v1/advice")
    assert reply.status_code == 405
    assert reply.headers["allow"] == "POST"
    assert reply.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("/v1/rules/no-arangement", None),
        ("/v1/elements/resettlment", "resettlement"),
        ("/v1/lessons/p16-77", "p16-07"),
        ("/v1/sources/amman", "amman-2011"),
        ("/v1/sources/amman/paragraphs/1", "amman-2011"),
        ("/v1/sources/amman-2011/paragraphs/box-kosov", "box-kosovo"),
        ("/v1/problems/malformed", "malformed-json"),
        ("/v2/advice", None),
    ],
)
def test_what_is_not_there_is_a_problem_with_the_nearest_name(
    client: TestClient, path: str, nearest: str | None
) -> None:
    reply = client.get(path)
    assert reply.status_code == 404
    assert reply.headers["content-type"] == "application/problem+json"
    if nearest:
        assert reply.json()["errors"][0]["suggestion"] == nearest


def test_the_request_schema_is_generated_from_the_vocabulary(client: TestClient, corpus: Corpus) -> None:
    document = client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    facts = schemas["Facts"]["properties"]
    assert set(facts) == set(corpus.facts)
    assert facts["border_status"]["enum"] == ["open", "closure_threatened", "closed", None]
    assert facts["states_count"]["maximum"] == corpus.facts["states_count"].maximum
    body = document["paths"]["/v1/advice"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/AdviceRequest"}
    for name, schema in facts.items():
        for example in schema["examples"]:
            assert client.post("/v1/advice", json={"facts": {name: example}}).status_code == 200, name


def test_requests_that_fit_the_schema_are_answered_and_answers_fit_theirs(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    request = {"$ref": "#/components/schemas/AdviceRequest", "components": document["components"]}
    answer = {"$ref": "#/components/schemas/Advice", "components": document["components"]}
    body = {"facts": {**FACTS, "arrivals_count": 12, "transfer_voluntary": None}}
    jsonschema.validate(body, request, cls=jsonschema.Draft202012Validator)
    jsonschema.validate(client.post("/v1/advice", json=body).json(), answer, cls=jsonschema.Draft202012Validator)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"facts": {"border_status": "shut"}}, request, cls=jsonschema.Draft202012Validator)


def test_documented_operations_have_ids_and_no_reference_dangles(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    ids = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids))
    text = json.dumps(document)
    schemas = document["components"]["schemas"]
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= set(schemas)


def test_two_hundred_requests_at_once_each_get_their_own_answer(client: TestClient, corpus: Corpus) -> None:
    kinds = corpus.facts["situation_types"].allowed
    cases = [
        {"facts": {"situation_types": [kinds[number % 7], kinds[number // 7 % 7]], "arrivals_count": number * 97}}
        for number in range(200)
    ]
    alone = [advisor.advise(case["facts"], corpus).model_dump_json() for case in cases]
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(lambda case: client.post("/v1/advice", json=case).text, cases))
    assert together == alone
