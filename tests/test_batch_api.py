"""Many situations in one request: the command's lines, each as soon as it is answered, and no more than are read."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from test_batch import BAD_LINES

import advisor
from advisor.advice import answer_to
from advisor.batch import Order, run
from advisor.corpus import Corpus
from api.app import DIGEST_HEADER, create_app

ROOT = Path(__file__).resolve().parent.parent
FACTS: dict[str, Any] = {"situation_types": ["mass_influx"], "border_status": "closed"}
HEADERS = {"content-type": "application/x-ndjson"}
PATH = "/v1/advice/batch"

Message = MutableMapping[str, Any]


@pytest.fixture(scope="module")
def app(corpus: Corpus) -> FastAPI:
    return create_app(corpus)


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("select", ["full", "brief"])
def test_the_service_answers_as_the_command_does(
    client: TestClient, corpus: Corpus, tmp_path: Path, select: Any
) -> None:
    source, output = tmp_path / "in.ndjson", tmp_path / "out.ndjson"
    source.write_bytes(
        json.dumps({"facts": FACTS, "id": "one"}).encode()
        + b'\r\n\n{"facts": {}}\n'
        + b"\n".join(raw for raw, _ in BAD_LINES)
    )
    run(Order(source, output, "ndjson", "ndjson", select), corpus)
    reply = client.post(f"{PATH}?select={select}", content=source.read_bytes(), headers=HEADERS)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/x-ndjson"
    assert reply.headers[DIGEST_HEADER] == corpus.digest
    assert reply.content == output.read_bytes()


def test_without_being_asked_for_the_brief_form_it_gives_whole_answers(client: TestClient, corpus: Corpus) -> None:
    reply = client.post(PATH, content=json.dumps({"facts": FACTS}), headers=HEADERS)
    assert reply.json() == {"line": 1, "advice": json.loads(advisor.advise(FACTS, corpus).model_dump_json())}


def test_a_bad_line_is_told_as_the_endpoint_for_one_situation_tells_it(client: TestClient) -> None:
    bodies = [
        {"facts": {"regoin": "eu"}},
        {"facts": {"region": 5, "border_status": "shut", "states_count": -1}},
        {"facts": [1]},
        {"facts": {"situation_types": ["mass_inflx"]}},
    ]
    reply = client.post(PATH, content="\n".join(map(json.dumps, bodies)), headers=HEADERS)
    for body, line in zip(bodies, reply.text.splitlines(), strict=True):
        alone = client.post("/v1/advice", json=body).json()
        del alone["title"], alone["status"]
        assert json.loads(line)["problem"] == alone
        assert client.get(alone["type"]).status_code == 200


@pytest.mark.parametrize("media_type", ["application/x-ndjson", "application/jsonl; charset=utf-8"])
def test_an_empty_request_has_an_empty_answer(client: TestClient, media_type: str) -> None:
    reply = client.post(PATH, content=b"", headers={"content-type": media_type})
    assert (reply.status_code, reply.content) == (200, b"")


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "text/csv"])
def test_another_media_type_is_refused(client: TestClient, media_type: str) -> None:
    reply = client.post(PATH, content=b"{}", headers={"content-type": media_type})
    assert reply.status_code == 415
    assert reply.headers["accept-post"] == "application/x-ndjson"
    assert media_type in reply.json()["detail"]
    assert "application/x-ndjson" in reply.json()["detail"]


def test_an_unknown_choice_is_refused_with_the_nearest(client: TestClient) -> None:
    reply = client.post(f"{PATH}?select=breif", content=b"", headers=HEADERS)
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["suggestion"] == "brief"


@pytest.mark.parametrize("select", ["full", "brief"])
def test_lines_fit_the_schemas_of_the_document(client: TestClient, select: str) -> None:
    document = client.get("/openapi.json").json()
    operation = document["paths"][PATH]["post"]
    line = operation["requestBody"]["content"]["application/x-ndjson"]["schema"]
    answer = operation["responses"]["200"]["content"]["application/x-ndjson"]["schema"]
    bodies = [{"facts": FACTS, "id": "a"}, {"facts": {}, "id": 1.5}, {"facts": {"region": "x"}}]
    for body, fits in zip(bodies, (True, True, False), strict=True):
        validator = jsonschema.Draft202012Validator(line | {"components": document["components"]})
        assert validator.is_valid(body) == fits
    reply = client.post(f"{PATH}?select={select}", content="\n".join(map(json.dumps, bodies)), headers=HEADERS)
    for text in reply.text.splitlines():
        jsonschema.validate(json.loads(text), answer | {"components": document["components"]})


# --- as it comes in ---------------------------------------------------------------------------------------------------


class Client:
    """A client that says and takes one thing at a time, without a network between."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.said: asyncio.Queue[Message] = asyncio.Queue()
        self.heard: list[Message] = []
        self.wanted = asyncio.Semaphore(0)
        self.asked = 0

    async def receive(self) -> Message:
        self.asked += 1
        return await self.said.get()

    async def send(self, message: Message) -> None:
        await self.wanted.acquire()
        self.heard.append(message)

    def say(self, body: bytes, *, more: bool = True) -> None:
        self.said.put_nowait({"type": "http.request", "body": body, "more_body": more})

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(message["body"]) for message in self.heard if message.get("body")]

    async def run(self) -> None:
        headers = [(b"content-type", b"application/x-ndjson")]
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "POST",
            "scheme": "http", "path": PATH, "raw_path": PATH.encode(), "root_path": "", "query_string": b"select=brief",
            "headers": headers, "client": ("client", 1), "server": ("server", 80), "state": {},
        }  # fmt: skip
        await self.app(scope, self.receive, self.send)


def line(number: int) -> bytes:
    return b'{"facts": {}, "id": %d}\n' % number


def talk(app: FastAPI, conversation: Callable[[Client, asyncio.Task[None]], Awaitable[None]]) -> None:
    async def main() -> None:
        client = Client(app)
        service = asyncio.create_task(client.run())
        await asyncio.wait_for(conversation(client, service), 60)
        assert service.done()

    asyncio.run(main())


async def reached(answered: list[int], number: int) -> None:
    """Wait until so many lines have been answered, and then for as long as some more would need."""
    while len(answered) < number:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.1)


def test_a_line_is_answered_before_the_next_one_has_come_in(app: FastAPI) -> None:
    async def conversation(client: Client, service: asyncio.Task[None]) -> None:
        for _ in range(10):
            client.wanted.release()
        for number in range(3):
            text = line(number)
            client.say(text[:9])
            client.say(text[9:])
            while len(client.lines()) <= number:
                await asyncio.sleep(0.001)
        client.say(b"", more=False)
        await service
        assert [line["id"] for line in client.lines()] == [0, 1, 2]
        assert client.heard[-1] == {"type": "http.response.body", "body": b"", "more_body": False}

    talk(app, conversation)


def test_nothing_is_read_or_answered_ahead_of_a_reader(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    answered: list[int] = []

    def counted(facts: dict[str, Any], corpus: Corpus) -> Any:
        answered.append(1)
        return answer_to(facts, corpus)

    monkeypatch.setattr("advisor.answering.answer_to", counted)

    async def conversation(client: Client, service: asyncio.Task[None]) -> None:
        for number in range(0, 40, 2):
            client.say(line(number) + line(number + 1))
        client.say(b"", more=False)
        client.wanted.release()
        await reached(answered, 1)
        assert len(client.heard) == 1
        assert (client.asked, len(answered)) == (1, 1)
        for _ in range(4):
            client.wanted.release()
        await reached(answered, 5)
        assert [line["id"] for line in client.lines()] == [0, 1, 2, 3]
        assert (client.asked, len(answered)) == (3, 5)
        for _ in range(100):
            client.wanted.release()
        await service
        assert len(client.lines()) == len(answered) == 40

    talk(app, conversation)


def test_the_work_ends_when_the_client_has_gone(app: FastAPI) -> None:
    async def conversation(client: Client, service: asyncio.Task[None]) -> None:
        for _ in range(10):
            client.wanted.release()
        client.say(line(0) + b'{"facts": ')
        client.said.put_nowait({"type": "http.disconnect"})
        client.say(line(1))
        await service
        assert [line["id"] for line in client.lines()] == [0]
        assert client.said.qsize() == 1

    talk(app, conversation)


def test_other_requests_are_answered_in_between(app: FastAPI) -> None:
    async def conversation(client: Client, service: asyncio.Task[None]) -> None:
        for _ in range(1_000):
            client.wanted.release()
        client.say(b"".join(map(line, range(200))), more=False)
        while not client.lines():
            await asyncio.sleep(0)
        other: list[Message] = []

        async def said() -> Message:
            return {"type": "http.request", "body": b'{"facts": {}}', "more_body": False}

        async def heard(message: Message) -> None:
            other.append(message)

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": "/v1/advice", "raw_path": b"/v1/advice", "root_path": "", "query_string": b"",
            "headers": [(b"content-type", b"application/json")], "client": None, "server": None, "state": {},
        }  # fmt: skip
        await app(scope, said, heard)
        assert other[0]["status"] == 200
        assert 0 < len(client.lines()) < 200
        await service
        assert len(client.lines()) == 200

    talk(app, conversation)


def test_a_line_of_a_hundred_megabytes_is_not_kept(client: TestClient) -> None:
    def body() -> Iterator[bytes]:
        yield b'{"facts": {"region": "'
        for _ in range(1_600):
            yield b"x" * 65_536
        yield b'"}}\n' + line(2)

    reply = client.post(f"{PATH}?select=brief", content=body(), headers=HEADERS)
    first, second = map(json.loads, reply.text.splitlines())
    assert first["problem"]["detail"] == "The line has 104,857,625 bytes; it may have at most 1,000,000."
    assert second["id"] == 2


def test_the_bounds_are_those_of_the_process() -> None:
    """Read a hundred megabytes without a line's end in a process that may not have as much."""
    program = """
import asyncio, resource
from api.app import create_app
app = create_app()
said = [{"type": "http.request", "body": b"x" * 65_536, "more_body": True}] * 3_000
said += [{"type": "http.request", "body": b"", "more_body": False}]
async def receive(): return said.pop(0)
async def send(message): heard.append(message)
heard = []
scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
    "path": "/v1/advice/batch", "raw_path": b"", "root_path": "", "query_string": b"", "client": None, "server": None,
    "headers": [(b"content-type", b"application/x-ndjson")], "state": {}}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
asyncio.run(app(scope, receive, send))
assert b"196,608,000 bytes" in heard[1]["body"], heard
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) * (1 if sys.platform == "darwin" else 1024) < 20_000_000
