"""Pages as HTML: templates (Jinja) in which every text is escaped, in the language that the browser asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from advisor.answer import Because, Paragraph
from advisor.corpus import Corpus
from advisor.wording import because_in_words, cited
from api.page import link
from api.page.assets import Assets
from api.page.intake import Asked
from api.page.kept import state_of
from api.page.messages import Language, chosen, languages

LANGUAGE = "lang"
"""The parameter that asks for a language."""
_LINK = re.compile(r' (?:href|action|data-hx-get|data-hx-post)="/(?!assets/|v1/|docs"|openapi\.json)[^"#]*')
"""The address of a page in an attribute, up to where its anchor begins. Quotation marks in texts are escaped."""
_FORM = re.compile('<form [^>]*method="get"[^>]*>')
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ud800-\udfff]")
"""Signs that turn the direction of text, of which none is wanted in what users and packs write here, and halves of
characters, which can't be sent."""


class Templates:
    """The templates of one corpus's pages."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self.assets = Assets()
        self._environments = {code: self._environment(language) for code, language in languages().items()}

    def page(
        self,
        name: str,
        request: Request,
        context: Mapping[str, Any],
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """Return a page.

        Args:
            name: the file of the template, without its ending.
            request: what was asked.
            context: what the template shows.
            status: the HTTP status.
            headers: further headers.
        """
        language = language_of(request)
        text = self.text(name, language, {**context, "request": request})
        if LANGUAGE in request.query_params:
            text = _keeping(language, text)
        always = {"Content-Language": language.code, "Vary": "Accept-Language, HX-Request"}
        return HTMLResponse(text, status, {**always, **(headers or {})})

    def text(self, name: str, language: Language, context: Mapping[str, Any]) -> str:
        """Return a template filled in."""
        return self._environments[language.code.replace("-", "_")].get_template(f"{name}.html").render(context)

    def _environment(self, language: Language) -> Environment:
        environment = Environment(
            loader=PackageLoader("api.page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
            finalize=_safe,
        )
        environment.install_gettext_translations(  # type: ignore[attr-defined]  # of the extension
            language.translations, newstyle=True
        )
        environment.globals |= {
            "language": language,
            "asset": self.assets.href,
            "corpus": self._corpus,
            "link_to": link.link_to,
            "place_href": place_href,
            "state_of": state_of,
            "question": self._question_in(environment),
        }
        environment.filters |= {"because": self._because, "cite": cited}
        return environment

    def _question_in(self, environment: Environment) -> Callable[[Asked], Markup]:
        """Return what writes questions; those that nobody answered are the same on every page, and kept."""
        kept: dict[tuple[str, str], Markup] = {}

        def question(asked: Asked) -> Markup:
            untouched = asked.standing != "told" and asked.problem is None
            found = kept.get((asked.name, asked.standing)) if untouched else None
            if found is None:
                field: Callable[[Asked], Markup] = environment.get_template("question.html").module.field  # type: ignore[attr-defined]
                found = field(asked)
                if untouched:
                    kept[asked.name, asked.standing] = found
            return found

        return question

    def _because(self, because: Because) -> str:
        return because_in_words(self._corpus, because)


def in_language(request: Request, address: str) -> str:
    """Return the address of a page in the language that a request asks for, where it asks for one."""
    if LANGUAGE not in request.query_params:
        return address
    page, mark, anchor = address.partition("#")
    return f"{page}{'&' if '?' in page else '?'}{LANGUAGE}={language_of(request).code}{mark}{anchor}"


def see_other(request: Request, address: str) -> RedirectResponse:
    """Return a reply that sends a browser to another page, in the language that it asks for."""
    return RedirectResponse(in_language(request, address), HTTPStatus.SEE_OTHER)


def _keeping(language: Language, text: str) -> str:
    """Return a page whose links and forms lead to pages in its language."""
    told = f"{LANGUAGE}={language.code}"
    text = _LINK.sub(lambda found: f"{found[0]}{'&amp;' if '?' in found[0] else '?'}{told}", text)
    return _FORM.sub(rf'\g<0><input type="hidden" name="{LANGUAGE}" value="{language.code}">', text)


def language_of(request: Request) -> Language:
    """Return the language in which to reply."""
    ranges = [part.split(";")[0].strip() for part in request.headers.get("Accept-Language", "").split(",")]
    return chosen(request.query_params.get(LANGUAGE), [one for one in ranges if one and one != "*"])


@lru_cache(maxsize=1_000)
def place_href(paragraph: Paragraph) -> str:
    """Return the page on a place of a source."""
    return f"/sources/{quote(paragraph.source)}/{quote(paragraph.href.rsplit('/', 1)[-1])}"


def _safe(value: object) -> object:
    """Return a value without what would turn the direction of the text around it, and what can't be sent."""
    if not isinstance(value, str) or value.isascii() or not _HIDDEN.search(value):
        return value
    return type(value)(_HIDDEN.sub("", value))
