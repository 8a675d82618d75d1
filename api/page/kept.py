"""Parts of the page that the browser has already, and that are not sent again.

Each part of the page on the advice that can stay as it is says what state it shows (``data-state``). Script sends the
states on the page along with the form (``have``), and a part of which it has the state comes back empty, marked
``data-kept``: the part on the page then stays, with what is unfolded in it. Without script every part is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

HAVE = "have"
"""The parameter that names a state on the page."""
_BYTES = 6


def state_of(*shown: object) -> str:
    """Return what tells what a part shows from all else that it could show.

    Args:
        shown: what it shows, of which the ``repr`` says all.
    """
    return blake2b(repr(shown).encode("utf-8", "surrogatepass"), digest_size=_BYTES).hexdigest()


def states_in(pairs: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return the states that a form names."""
    return frozenset(value for key, value in pairs if key == HAVE)
