"""A second small pack that builds on the one of ``minipack``, for tests of packs beside one another."""

from __future__ import annotations

from pathlib import Path

from minipack import MiniPack

FILES = {
    "knowledge/pack.yaml": """\
id: later
version: 2.0.0
title: A later pack
text: What was found out later.
builds_on:
  - {pack: mini, at_least: 1.0.0}
sources: [decree]
topics:
  - {id: decree, title: The decree}
""",
    "knowledge/sources/decree.yaml": """\
id: decree
title: A decree
short: The decree
publisher: Somebody
date: "2011-05-01"
language: en
standing: Binding on everybody; made up for tests.
places:
  - id: "7"
    ref: "7"
    kind: paragraph
    part: Only part
    page: 1
    gist: Tents may do for a month.
""",
    "knowledge/facts.yaml": """\
added_values:
  - fact: region
    values:
      - {value: west, label: West}
""",
    "knowledge/lessons/decree.yaml": """\
source: decree
lessons:
  - id: d-tents
    place: "7"
    kind: lesson
    title: Tents may do for a month
    when: always
    text: Use tents for the first month.
    strength: consider
    hedge: none
    basis: lesson
    weight: 2
    supersedes: [l-shelter]
""",
    "rules/decree/tents-in-the-west.yaml": """\
id: tents-in-the-west
title: Tents in the west
when:
  region: west
then:
  - lesson: d-tents
    recommends: [shelter]
tests:
  - name: in the west
    given: {region: west}
    expect: fires
  - name: in the north
    given: {region: north}
    expect: silent
  - name: nobody said where
    given: {}
    expect: open
""",
}


class Later(MiniPack):
    """The second pack on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in FILES.items():
            self.write(name, text)
