"""What pages need besides themselves: style, script and pictures, which ship with the package.

Each has the digest of its content in its address, so that browsers keep it for good and still take up a new one.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).resolve().parent / "static"
PATH = "/assets"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file with its forms.

    Attributes:
        href: its address.
        media_type: what it is.
        plain: its bytes.
        compressed: the same compressed.
    """

    href: str
    media_type: str
    plain: bytes
    compressed: bytes


class Assets:
    """All of them, by their names."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._assets: dict[str, Asset] = {}
        for file in sorted(folder.iterdir()):
            content = file.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:12]
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            text = f"{kind}; charset=utf-8" if kind.startswith("text/") or "javascript" in kind else kind
            # No time in it: equal files give equal bytes.
            self._assets[file.name] = Asset(
                f"{PATH}/{digest}/{file.name}", text, content, gzip.compress(content, mtime=0)
            )
        self._by_href = {asset.href: asset for asset in self._assets.values()}

    def href(self, name: str) -> str:
        """Return the address of a file."""
        return self._assets[name].href

    def reply(self, request: Request) -> Response | None:
        """Return the reply to a request for a file; None where there is none."""
        asset = self._by_href.get(request.url.path)
        if asset is None:
            return None
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return Response(
                asset.compressed, media_type=asset.media_type, headers={**headers, "Content-Encoding": "gzip"}
            )
        return Response(asset.plain, media_type=asset.media_type, headers=headers)
