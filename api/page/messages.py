"""The words of the page in each language: catalogues of messages (gettext), which translators fill.

The source texts are English; ``messages/messages.pot`` lists them (``make messages`` writes it), and each language has
a file ``<language>.po`` beside it. A message that a catalogue lacks is shown in English. What comes from packs is shown
as its authors wrote it.

``qps`` is no language: every message of it is marked and lengthened, and its pages run from right to left. By it one
sees what isn't in the catalogues, and what breaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parent / "messages"
SOURCE = "en"
PSEUDO = "qps"
_LETTERS = str.maketrans("aeiouyAEIOUYnc", "àéîöûýÀÉÎÖÛÝñç")
_PLACEHOLDER = re.compile(r"(%\(\w+\)[a-z])")


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the page.

    Attributes:
        code: its code, as HTML has it.
        direction: ``ltr`` or ``rtl``.
        translations: its messages.
    """

    code: str
    direction: str
    translations: NullTranslations


class _Pseudo(NullTranslations):
    """Messages marked and half as long again, with their placeholders as they are."""

    def gettext(self, message: str) -> str:
        parts = _PLACEHOLDER.split(message)
        text = "".join(part if number % 2 else part.translate(_LETTERS) for number, part in enumerate(parts))
        return f"[{text}{'·' * (len(message) // 2)}]"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@lru_cache
def languages(folder: Path = FOLDER) -> dict[str, Language]:
    """Return the languages that there are, by their codes.

    Args:
        folder: where the catalogues lie.
    """
    found = {SOURCE: Language(SOURCE, "ltr", NullTranslations())}
    for file in sorted(folder.glob("*.po")):
        locale = Locale.parse(file.stem)
        with file.open("rb") as opened:
            catalogue = read_po(opened, locale=locale)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        found[file.stem] = Language(file.stem.replace("_", "-"), locale.text_direction, GNUTranslations(compiled))
    return {**found, PSEUDO: Language(PSEUDO, "rtl", _Pseudo())}


def chosen(wanted: str | None, accepted: Iterable[str]) -> Language:
    """Return the language to use.

    Args:
        wanted: the code that was asked for.
        accepted: the codes that the browser accepts, the best first.
    """
    known = languages()
    if wanted in known:
        return known[str(wanted)]
    code = negotiate_locale([one.replace("-", "_") for one in accepted], list(known))
    return known[code or SOURCE]
