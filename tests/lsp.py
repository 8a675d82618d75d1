"""A small client of the language server protocol: starts a server of its own and talks to it as an editor does."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

Message = dict[str, Any]

PATIENCE = 90.0
"""Seconds after which a server that says nothing counts as broken; one that works answers within two."""


class LanguageServerError(Exception):
    """The server answered with an error, ended, or said nothing for too long."""


class LanguageServer:
    """A language server in a process of its own, spoken to over its standard streams.

    Positions are one-based, as ``advisor check`` and editors show them; the protocol's are not.
    """

    def __init__(self, command: Sequence[str], root: Path, settings: Mapping[str, Any]) -> None:
        """Start the server and introduce the client.

        Args:
            command: the program and its arguments.
            root: the folder that an editor would have opened.
            settings: the sections of settings that the server may ask for.
        """
        self._settings = settings
        self._inbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._replies: dict[int, Message] = {}
        self._diagnostics: dict[str, list[list[Message]]] = {}
        self._versions: dict[str, int] = {}
        self._last_id = 0
        self._configured = False
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=root
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()
        try:
            self._introduce(root)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    # --- what an editor does ------------------------------------------------------------------------------------------

    def edit(self, path: Path, text: str) -> list[Message]:
        """Open a document, or replace its text, and return what the server finds wrong with it.

        The file itself need not exist.
        """
        uri = path.as_uri()
        version = self._versions[uri] = self._versions.get(uri, 0) + 1
        if version == 1:
            document = {"uri": uri, "languageId": "yaml", "version": version, "text": text}
            return self._told(path, "textDocument/didOpen", {"textDocument": document})
        change = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
        return self._told(path, "textDocument/didChange", change)

    def completion(self, path: Path, line: int, column: int) -> dict[str, Message]:
        """Return what the server offers at a place of an open document, by label."""
        result = self._request("textDocument/completion", _at(path, line, column))
        items = result["items"] if isinstance(result, dict) else result or []
        return {item["label"]: item for item in items}

    def hover(self, path: Path, line: int, column: int) -> str:
        """Return the text shown when the mouse rests on a place of an open document; empty where there is none."""
        result = self._request("textDocument/hover", _at(path, line, column))
        return str(result["contents"]["value"]) if result else ""

    def close(self) -> None:
        """Ask the server to end, and see to it that it does."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if process.poll() is None:
                self._request("shutdown", None)
                self._notify("exit", None)
                process.wait(timeout=20)
        except (LanguageServerError, OSError, subprocess.TimeoutExpired):
            process.kill()
        finally:
            process.wait(timeout=20)
            self._reader.join(timeout=20)
            process.stdin.close()
            process.stdout.close()

    def _introduce(self, root: Path) -> None:
        capabilities = {
            "workspace": {"configuration": True},
            "textDocument": {
                "completion": {"completionItem": {"documentationFormat": ["markdown", "plaintext"]}},
                "hover": {"contentFormat": ["markdown"]},
            },
        }
        who = {"processId": os.getpid(), "rootUri": root.as_uri(), "capabilities": capabilities}
        self._request("initialize", who)
        self._notify("initialized", {})
        # Once it has its settings the server looks at all open documents again, and says so twice. A document that is
        # of no interest takes that, so that of every other document one edit has one answer.
        self._until(lambda: self._configured, "the question for settings")
        for text in ("a: 1\n", "a: 2\n"):
            self.edit(root / "unsaved.yaml", text)

    # --- the protocol -------------------------------------------------------------------------------------------------

    def _told(self, path: Path, method: str, parameters: Message) -> list[Message]:
        found = self._diagnostics.setdefault(path.as_uri(), [])
        before = len(found)
        self._notify(method, parameters)
        self._until(lambda: len(found) > before, f"what is wrong with {path.name}")
        return found[-1]

    def _request(self, method: str, parameters: Message | None) -> Any:
        self._last_id += 1
        number = self._last_id
        self._send({"id": number, "method": method, "params": parameters})
        self._until(lambda: number in self._replies, f"the answer to {method}")
        reply = self._replies.pop(number)
        if "error" in reply:
            raise LanguageServerError(f"{method}: {reply['error']}")
        return reply.get("result")

    def _notify(self, method: str, parameters: Message | None) -> None:
        self._send({"method": method, "params": parameters})

    def _send(self, message: Message) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _until(self, done: Callable[[], bool], awaited: str) -> None:
        """Take in messages until ``done()``."""
        deadline = time.monotonic() + PATIENCE
        while not done():
            try:
                message = self._inbox.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise LanguageServerError(f"the language server kept silent; awaited: {awaited}") from None
            if message is None:
                raise LanguageServerError(f"the language server ended; awaited: {awaited}")
            self._take(message)

    def _take(self, message: Message) -> None:
        match message:
            case {"method": "workspace/configuration", "id": number, "params": {"items": items}}:
                result = [self._settings.get(item.get("section")) for item in items]
                self._send({"id": number, "result": result})
                self._configured = True
            case {"method": "textDocument/publishDiagnostics", "params": {"uri": uri, "diagnostics": diagnostics}}:
                self._diagnostics.setdefault(uri, []).append(diagnostics)
            case {"method": _, "id": number}:
                self._send({"id": number, "result": None})
            case {"method": _}:
                pass  # a notification of no interest here
            case {"id": number}:
                self._replies[number] = message

    def _read(self, stream: IO[bytes]) -> None:
        """Read messages until the stream ends; runs in a thread, so that waiting can be bounded."""
        try:
            while header := stream.readline():
                length = 0
                while header.strip():
                    name, _, value = header.decode("ascii").partition(":")
                    if name.lower() == "content-length":
                        length = int(value)
                    header = stream.readline()
                self._inbox.put(json.loads(stream.read(length)))
        finally:
            self._inbox.put(None)


def _at(path: Path, line: int, column: int) -> Message:
    return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line - 1, "character": column - 1}}
