"""Reads pages as a browser would: a tree of elements, their text, what is wrong with the markup."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser

VOID = {"br", "hr", "img", "input", "link", "meta"}
LOOSE = {"option", "li", "p"}
"""Elements that HTML lets stay open."""


@dataclass
class Node:
    """An element.

    Attributes:
        tag: its name.
        attributes: its attributes, as they are after the parser has resolved references.
        children: elements and texts in it.
    """

    tag: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it, with white space as a browser shows it."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in ("script", "style"):
                inline = child.tag in ("a", "b", "span", "small", "code", "output")
                yield from child._texts() if inline else (" ", *child._texts(), " ")

    def __iter__(self) -> Iterator[Node]:
        """Yield all elements in it, in the order in which they begin."""
        return iter(self.below)

    @cached_property
    def below(self) -> list[Node]:
        """All elements in it, in the order in which they begin."""
        found: list[Node] = []
        for child in self.children:
            if isinstance(child, Node):
                found.append(child)
                found += child.below
        return found

    def all(self, *tags: str, **attributes: str) -> list[Node]:
        """Return the elements of some kinds with these attributes; a class is one of those that it has."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            node
            for node in self.below
            if (not tags or node.tag in tags)
            and all(
                value in node.attributes.get("class", "").split()
                if name == "class"
                else node.attributes.get(name) == value
                for name, value in wanted.items()
            )
        ]

    def one(self, name: str) -> Node:
        """Return the element with an id."""
        (found,) = self.all(id=name)
        return found


class Page(Node):
    """A page.

    Attributes:
        faults: what is wrong with its markup, and what the Content-Security-Policy would not let a browser do.
    """

    def __init__(self, text: str) -> None:
        super().__init__("#page", {})
        self.faults: list[str] = []
        _Reader(self).feed(text)
        names = Counter(node.attributes["id"] for node in self if "id" in node.attributes)
        self.faults += [f"the id {name} stands twice" for name, count in names.items() if count > 1]

    @property
    def links(self) -> list[str]:
        """Where its links lead."""
        return [node.attributes["href"] for node in self.all("a") if "href" in node.attributes]


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.open: list[Node] = [page]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        self.page.faults += [
            f"<{tag}> has {name}" for name in node.attributes if name == "style" or name.startswith("on")
        ]
        if tag == "style" or (tag == "script" and not node.attributes.get("src", "").startswith("/assets/")):
            self.page.faults.append(f"<{tag}> in the page")
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        while len(self.open) > 1:
            node = self.open.pop()
            if node.tag == tag:
                return
            if node.tag not in LOOSE:
                self.page.faults.append(f"<{node.tag}> is open where <{tag}> ends")
                return
        self.page.faults.append(f"<{tag}> ends and did not begin")

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)
