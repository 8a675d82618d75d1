"""The words of the page in each language: catalogues of messages (gettext), which translators fill.

The source texts are English; ``messages/messages.pot`` lists them, and each language has a file ``<language>.po``
beside it. A message that a catalogue lacks is shown in English. What comes from packs is shown as its authors wrote it.

``qps`` is no language: every message of it is marked and lengthened and runs from right to left. By it one sees what
isn't in the catalogues, and what breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parent / "messages"
SOURCE = "en"
PSEUDO = "qps"
_LETTERS = str.maketrans("aeiouyAEIOUYnc", "àéîöûýÀÉÎÖÛÝñç")


class Language:
    """A language of the page.

    Attributes:
        code: its code, as HTML has it.
        direction: ``ltr`` or ``rtl``.
        name: what it calls itself.
    """

    def __init__(self, code: str, direction: str, name: str, messages: Callable[[str], str]) -> None:
        self.code = code
        self.direction = direction
        self.name = name
        self._messages = messages

    def gettext(self, message: str) -> str:
        """Return a message in this language."""
        return self._messages(message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return one of two messages, by a number."""
        return self._messages(one if number == 1 else many)


@lru_cache
def languages() -> dict[str, Language]:
    """Return the languages that there are, by their codes."""
    found = {SOURCE: Language(SOURCE, "ltr", "English", str)}
    for file in sorted(FOLDER.glob("*.po")):
        code = file.stem
        with file.open("rb") as opened:
            catalogue = read_po(opened, locale=code)
        texts = {str(message.id): str(message.string) for message in catalogue if message.string}
        found[code] = Language(
            code.replace("_", "-"), _direction(code), Locale.parse(code).get_display_name() or code, _from(texts)
        )
    found[PSEUDO] = Language(PSEUDO, "rtl", "Pseudo", _pseudo)
    return found


def chosen(wanted: str | None, accepted: Iterable[str]) -> Language:
    """Return the language to use.

    Args:
        wanted: the code that was asked for.
        accepted: the codes that the browser accepts, the best first.
    """
    known = languages()
    if wanted in known:
        return known[str(wanted)]
    code = negotiate_locale([one.replace("-", "_") for one in accepted], [one for one in known if one != PSEUDO])
    return known[code or SOURCE]


def _from(texts: dict[str, str]) -> Callable[[str], str]:
    return lambda message: texts.get(message, message)


def _direction(code: str) -> str:
    try:
        return Locale.parse(code).text_direction
    except (UnknownLocaleError, ValueError):
        return "ltr"


def _pseudo(message: str) -> str:
    """Return a message marked, half as long again, with its placeholders as they are."""
    parts: list[str] = []
    rest = message
    while "%(" in rest:
        text, _, rest = rest.partition("%(")
        name, _, rest = rest.partition(")")
        parts += [text.translate(_LETTERS), f"%({name}){rest[:1]}"]
        rest = rest[1:]
    parts.append(rest.translate(_LETTERS))
    return f"[{''.join(parts)}{'·' * (len(message) // 2)}]"
