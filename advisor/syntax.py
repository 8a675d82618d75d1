"""Why a text isn't YAML, in an author's words: the likely slip, where it is, and what to write instead.

The parser says where it got stuck and what it hoped for there. What the author did stands in the lines around that
place, so it is read from them; the parser's words only choose where to look. They differ between PyYAML's two parsers,
the places hardly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from advisor.errors import Problem, quoted

_NAME = r"[^\s#:'\"\[\]{},&*!|>%@`-][^\s:]*+"
# No part of these gives back what it has taken: they stay linear on lines of any length.
_MISSING_SPACE = re.compile(rf"^(?P<before>\s*+(?:- ++)*+{_NAME}):(?=[^\s/:])")
_MISSING_SPACE_AFTER_DASH = re.compile(r"^\s*+-(?=[^\s\-.\d])")
_KEY = re.compile(r"""^(?:- ++)*+(?:"[^"]*+" *+|'[^']*+' *+|[^\s#'"\[\]{},&*!|>%@`][^:#]*+):(?=\s|$)""")
_BLOCK_TEXT = re.compile(r"[:-] +[|>][-+0-9]*\s*(#.*)?$")
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

_LONGEST_KEY = 1024
"""YAML looks no further for the colon of a key."""
_QUOTE_IT = 'Put the whole text in double quotes: key: "text: more text".'


@dataclass(frozen=True, slots=True)
class _Slip:
    """What the author did: a code of the catalogue, a message, and the zero-based place."""

    code: str
    message: str
    line: int
    column: int
    repair: str = ""


def problem_of(text: str, file: str, error: yaml.YAMLError) -> Problem:
    """Return the problem that stopped the reading of ``text``."""
    slip = _Text(text).slip(error) if isinstance(error, yaml.MarkedYAMLError) else None
    if slip is None:
        slip = _Slip("not-yaml", "from here on the file cannot be read as YAML", 0, 0)
    return Problem(slip.code, slip.message, file, slip.line + 1, slip.column + 1, repair=slip.repair)


class _Text:
    """The lines of a text in which the parser got stuck."""

    def __init__(self, text: str) -> None:
        self.lines = re.split(r"\r\n|\r|\n", text)

    def slip(self, error: yaml.MarkedYAMLError) -> _Slip:
        """Return the likely slip behind one of the parser's errors."""
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        opened = (error.context_mark.line, error.context_mark.column) if error.context_mark else (line, column)
        what, context = error.problem or "", error.context or ""
        return (
            self._invisible(line, column)
            or self._token(what, context, line, column, opened)
            or self._quotes(what, context, line, column, opened)
            or self._second_colon(what, line, column)
            or self._no_colon(what, opened)
            or self._brackets(context, line, column, opened)
            or self._structure(what, line, column)
            or _Slip("not-yaml", "from here on the file cannot be read as YAML", line, column)
        )

    # --- parts of the text --------------------------------------------------------------------------------------------

    def _line(self, line: int) -> str:
        return self.lines[line] if 0 <= line < len(self.lines) else ""

    def _at(self, line: int, column: int) -> str:
        return self._line(line)[column : column + 1]

    def _indent(self, line: int) -> int:
        text = self._line(line)
        return len(text) - len(text.lstrip(" "))

    def _above(self, line: int) -> int | None:
        """Return the nearest line above that isn't blank or a remark."""
        return next((above for above in range(line - 1, -1, -1) if _says_something(self.lines[above])), None)

    def _block_text(self, line: int) -> int | None:
        """Return the line with the | or > of which ``line``, badly indented, was to be text."""
        above = self._above(line)
        while above is not None and self._indent(above) > self._indent(line):
            if self._opens_text(above):
                return above
            above = self._above(above)
        return above if above is not None and self._opens_text(above) else None

    def _opens_text(self, line: int) -> bool:
        text = self._line(line)
        return ("|" in text or ">" in text) and bool(_BLOCK_TEXT.search(text))

    # --- slips --------------------------------------------------------------------------------------------------------

    def _invisible(self, line: int, column: int) -> _Slip | None:
        """Find tabs, and spaces that only look like spaces."""
        text = self._line(line)
        tab = column if self._at(line, column) == "\t" else text.find("\t", 0, len(text) - len(text.lstrip()))
        if tab >= 0:
            where = "starts with a tab" if not text[:tab].strip(" ") else "has a tab"
            repair = "Put spaces where the tab is, as many as the lines beside it have."
            return _Slip("tab", f"this line {where}; YAML takes spaces only", line, tab, repair)
        for near in (line, self._above(line)):
            found = -1 if near is None else self._line(near).find(_NO_BREAK_SPACE)
            if near is not None and found >= 0 and not self._line(near)[:found].strip(" -").strip(_NAME_CHARACTERS):
                message = "this line has a no-break space (U+00A0), which only looks like a space"
                return _Slip("odd-character", message, near, found, "Write an ordinary space.")
        return None

    def _token(self, what: str, context: str, line: int, column: int, opened: tuple[int, int]) -> _Slip | None:
        """Find signs that mean something of their own to YAML where they stand."""
        if "scanning an a" in context or "anchor" in what or "anchor" in context:
            message = "a value that starts with * or & means something of its own to YAML"
            return _Slip("alias", message, *opened, self._quote_it(*opened))
        if "tag" in what or " tag" in context:
            return _Slip("tag", "a value that starts with ! means something of its own to YAML", *opened)
        if "block scalar" in context:
            sign = self._at(*opened)
            message = f"after {sign} nothing more may stand on the line; the text starts on the next one"
            repair = f"Write {sign} alone after the key and the text below it, indented; or put the text in quotes."
            return _Slip("block-text", message, line, column, repair)
        directive = next((row for row in range(min(line, 20) + 1) if self._line(row).startswith("%")), None)
        if directive is not None and ("directive" in context or "document start" in what):
            message = "a line that begins with % speaks to YAML programs, and is not used here"
            return _Slip("not-yaml", message, directive, 0, "Take the line away.")
        if "cannot start any token" in what or "node content" in what or "keys are not allowed" in what:
            sign = self._at(line, column)
            if not sign or sign in "]}":
                return self._open_bracket(line, column)
            message = f"no text may start with {quoted(sign)}, which means something of its own to YAML"
            return _Slip("reserved-character", message, line, column, self._quote_it(line, column))
        if "sequence entries are not allowed" in what:
            message = "a list entry (-) stands on the line of its key"
            repair = "Start each entry on a line of its own below the key, or write [one, two] beside the key."
            return _Slip("misplaced-dash", message, line, column, repair)
        return None

    def _quotes(self, what: str, context: str, line: int, column: int, opened: tuple[int, int]) -> _Slip | None:
        if "escape" in what:
            start = self._line(line).rfind("\\", 0, column + 1)
            sign = self._line(line)[start : start + 2]
            message = f"in double quotes a backslash starts a special sign, and {sign} is none"
            repair = "Use single quotes around the text, or write the backslash twice."
            return _Slip("bad-escape", message, line, max(start, 0), repair)
        if "scalar" in context and ("end of stream" in what or "document" in what):
            sign = self._at(*opened)
            message = f"the text that starts here with {sign} has no closing {sign}"
            return _Slip("unclosed-quote", message, *opened, f"Write {sign} after the last word of the text.")
        if not ("expected key" in what or "<block end>" in what or "'-' indicator" in what):
            return None
        if self._at(line, column) in ("]", "}"):
            return None
        before = self._line(line)[:column].rstrip()
        sign = before[-1:]
        if sign in ("'", '"'):
            if before.count(sign) % 2:
                return self._quote_from_above(sign, line, column)
            message = (
                f"the text in quotes ends before this place, and more follows: {quoted(self._line(line)[column:])}"
            )
            key = re.match(r"^\s*(?:- ++)*+[^\s:]++:\s++", self._line(line))
            whole = self._line(line)[key.end() :].strip() if key else ""
            inner = whole[1:-1] if len(whole) > 1 and whole[0] == whole[-1] == sign else whole
            repair = "Take the quotes away, or put them around the whole text; write a quote inside it twice ('')."
            if inner and not inner.startswith(("[", "{")):
                repair = f"Put quotes around the whole text: {in_quotes(inner)}"
            return _Slip("text-after-value", message, line, column, repair)
        if sign in ("]", "}"):
            message = f"the value ends with {sign}, and more follows: {quoted(self._line(line)[column:])}"
            repair = f"If {sign} belongs to a text, put the whole text in quotes."
            return _Slip("text-after-value", message, line, column, repair)
        return None

    def _quote_from_above(self, sign: str, line: int, column: int) -> _Slip:
        """Return the unclosed quote on a line above that the quote on ``line`` closed by mistake."""
        for above in range(line - 1, -1, -1):
            if self._line(above).count(sign) % 2:
                message = f"the text that starts here with {sign} has no closing {sign}"
                repair = f"Write {sign} after the last word of the text."
                return _Slip("unclosed-quote", message, above, self._line(above).rfind(sign), repair)
        message = f"a closing {sign} without an opening one"
        return _Slip("unclosed-quote", message, line, column)

    def _quote_it(self, line: int, column: int) -> str:
        text = self._line(line)[column:].strip()
        plain = text and not any(sign in text for sign in "[]{}#,")
        return f"Put the text in quotes: {in_quotes(text)}" if plain else "Put the text in quotes."

    def _second_colon(self, what: str, line: int, column: int) -> _Slip | None:
        """Explain a colon where no key can end."""
        if "mapping values are not allowed" not in what:
            return None
        above = self._above(line)
        for near in (line, above):
            if near is not None and (slip := self._missing_space(near)):
                return slip
        text = self._line(line)
        first = re.match(r"^\s*(?:- +)*", text)
        key = _KEY.match(text[first.end() :]) if first else None
        if first and key and first.end() + key.end() <= column:
            return self._colon_in_text(line, first.end() + key.end(), column)
        if column > _LONGEST_KEY:
            message = "a key of over a thousand characters"
            return _Slip("too-long", message, line, self._indent(line), "Write a short key; a long text is a value.")
        if above is None:
            return _Slip("colon-in-text", "a colon stands where no key can end", line, column, _QUOTE_IT)
        indent, over = self._indent(line), self._indent(above)
        if _KEY.match(self._line(above).lstrip()) and indent > over:
            message = (
                f"this line is indented by {indent}, further than line {above + 1} ({over}), "
                "which has a value of its own already"
            )
            repair = f"Indent it like the keys beside it, or take the value away from line {above + 1}."
            return _Slip("bad-indentation", message, line, indent, repair)
        return self._words_without_colon(above)

    def _colon_in_text(self, line: int, start: int, column: int) -> _Slip:
        text = self._line(line)
        value, whole = text[start:column].strip(), text[start:].strip()
        if value[:1] in ("\N{LEFT DOUBLE QUOTATION MARK}", "\N{LEFT SINGLE QUOTATION MARK}"):
            message = "the quotes around this text are curly, and no quotes to YAML"
            repair = f"Write straight quotes: {in_quotes(whole)}"
            return _Slip("smart-quotes", message, line, text.index(value, start), repair)
        message = (
            f"the text {quoted(value)} goes on after a colon and a space, which YAML takes for a key"
            if value
            else "a second colon stands where a value is expected"
        )
        return _Slip("colon-in-text", message, line, column, f"Put the text in quotes: {in_quotes(whole)}")

    def _no_colon(self, what: str, opened: tuple[int, int]) -> _Slip | None:
        if "expected ':'" not in what:
            return None
        line = opened[0]
        return self._missing_space(line) or self._outdented_text(line) or self._words_without_colon(line)

    def _missing_space(self, line: int) -> _Slip | None:
        text = self._line(line)
        if found := _MISSING_SPACE.match(text):
            after = text[found.end() :].strip()
            key = found["before"].lstrip(" -")
            message = f"after the colon of {quoted(key)} a space is missing"
            return _Slip("missing-space", message, line, found.end(), f"Write {key}: {after}")
        if found := _MISSING_SPACE_AFTER_DASH.match(text):
            message = "after the dash of a list entry a space is missing"
            return _Slip("missing-space", message, line, found.end(), f"Write - {text[found.end() :].strip()}")
        return None

    def _outdented_text(self, line: int) -> _Slip | None:
        above = self._block_text(line)
        if above is None:
            return None
        message = f"this line isn't indented like the text above it, which starts below line {above + 1}"
        return _Slip(
            "bad-indentation", message, line, self._indent(line), "Indent it like the other lines of the text."
        )

    def _words_without_colon(self, line: int) -> _Slip:
        words = self._line(line).strip()
        message = f"this line is neither a key with a colon nor part of a text: {quoted(words)}"
        first, _, rest = words.lstrip("- ").partition(" ")
        repair = (
            f"If {first} is a key, write {first}: {rest}".rstrip()
            + ". If it belongs to the text above, indent it further."
        )
        return _Slip("missing-colon", message, line, self._indent(line), repair)

    def _brackets(self, context: str, line: int, column: int, opened: tuple[int, int]) -> _Slip | None:
        if "flow" not in context:
            return None
        sign = self._at(*opened)
        closing = {"[": "]", "{": "}"}.get(sign, "]")
        here = self._at(line, column)
        if (line > opened[0] and self._indent(line) <= self._indent(opened[0])) or not here:
            message = f"the {sign} that opens here is not closed"
            return _Slip("unbalanced-brackets", message, *opened, f"Write {closing} after the last entry.")
        if here in ("]", "}"):
            message = f"a {sign} is closed by {here}"
            return _Slip("unbalanced-brackets", message, line, column, f"Write {closing}.")
        if here == ":" and sign == "[":
            message = "an entry of a list has a colon in it, which YAML takes for a key"
            return _Slip("colon-in-text", message, line, column, "Put the entry in quotes.")
        message = f"between the entries of {sign}…{closing} a comma is missing before this place"
        return _Slip("missing-comma", message, line, column, "Write a comma between two entries.")

    def _open_bracket(self, line: int, column: int) -> _Slip | None:
        """Find the bracket that is still open before a place, where the text ends or another kind is closed."""
        still: list[tuple[str, int, int]] = []
        for row in range(line + 1):
            text = self._line(row)[: column if row == line else None]
            for at, sign in enumerate(text):
                if sign in "[{":
                    still.append((sign, row, at))
                elif sign in "]}" and still:
                    still.pop()
        if not still:
            return None
        sign, row, at = still[-1]
        message = f"the {sign} that opens here is not closed"
        repair = f"Write {'}' if sign == '{' else ']'} after the last entry."
        return _Slip("unbalanced-brackets", message, row, at, repair)

    def _structure(self, what: str, line: int, column: int) -> _Slip | None:
        """Explain a line that fits nowhere: found where a key, a list entry or the end was expected."""
        text = self._line(line).strip()
        here = self._at(line, column)
        if not text:
            return None
        if here in ("]", "}"):
            return _Slip("unbalanced-brackets", f"this {here} closes nothing", line, column, "Take it away.")
        if here == ",":
            return _Slip("reserved-character", "a comma stands where none can", line, column, "Put the text in quotes.")
        if text.startswith(":"):
            return _Slip("missing-colon", "there is no key before this colon", line, column, "Write the key before it.")
        above = self._above(line)
        if above is not None and self._line(above).startswith("..."):
            return _two_documents(line)
        if above is not None and self._line(above).rstrip().endswith(("]", "}")) and "document" in what:
            message = f"the file ends with the bracket on line {above + 1}, and more follows"
            return _Slip("text-after-value", message, line, column, "Write one mapping: key: value, line by line.")
        dash, key = text.startswith(("- ", "-\n")) or text == "-", bool(_KEY.match(text))
        if not dash and not key:
            return self._outdented_text(line) or self._missing_space(line) or self._words_without_colon(line)
        indent, around = self._indent(line), self._indents_above(line)
        if indent in around:
            found = (
                "a list entry (-) stands where a key is expected"
                if dash
                else "a key stands where a list entry (-) is expected"
            )
            repair = "Indent the line to belong to the key above it." if dash else "Write - before it, or indent it."
            code = "misplaced-dash" if dash else "bad-indentation"
            return _Slip(code, found, line, indent, repair)
        fitting = " or ".join(map(str, around))
        message = (
            f"this line is indented by {indent}; the lines above that it could belong to are indented by {fitting}"
        )
        return _Slip("bad-indentation", message, line, indent, "Give lines that belong together the same indentation.")

    def _indents_above(self, line: int) -> list[int]:
        """Return how far the lines are indented that a line could continue, from the outermost."""
        found: list[int] = []
        limit = 1 << 30
        above = self._above(line)
        while above is not None:
            indent = self._indent(above)
            if indent < limit:
                limit = indent
                found.append(indent)
                inner = re.match(r"^ *(?:- +)+", self._line(above))
                if inner and inner.end() not in found and inner.end() > indent:
                    found.append(inner.end())
            above = self._above(above)
        return sorted(set(found))


def _says_something(line: str) -> bool:
    text = line.strip()
    return bool(text) and text[0] != "#"


def in_quotes(text: str) -> str:
    """Return text as it is written in YAML so that all of it is text; curly quotes around it become straight ones."""
    inner = text.strip(_CURLY)
    if '"' in inner or "\\" in inner:
        return "'" + inner.replace("'", "''") + "'"
    return f'"{inner}"'


def _two_documents(line: int) -> _Slip:
    message = "a second document starts here; a file holds one"
    return _Slip("two-documents", message, line, 0, "Take the line of dashes away, or write a second file.")


_CURLY = "\u201c\u201d\u201e\u2018\u2019\u201a"
_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-:'\""
