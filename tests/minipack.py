"""A small valid pack as plain strings, for tests that need one they can spoil."""

from __future__ import annotations

from pathlib import Path

from advisor.corpus import Corpus, examine, load

FILES = {
    "knowledge/pack.yaml": """\
id: mini
version: 1.0.0
title: A small pack
text: A pack with just enough in it.
topics:
  - {id: findings, title: Findings}
  - {id: hosting, title: Hosting people}
""",
    "knowledge/sources/paper.yaml": """\
id: paper
title: A paper
short: The paper
publisher: Nobody
date: "2001"
language: en
standing: A paper made up for tests.
references: [a-treaty]
places:
  - id: "1"
    ref: "1"
    kind: paragraph
    part: Introduction
    page: 1
    gist: Shelter comes first.
    refers_to: ["2"]
    cites: [a-treaty]
  - id: "2"
    ref: "2"
    kind: paragraph
    part: Introduction
    page: 2
    gist: Camps are a last resort.
  - id: "3"
    ref: III
    kind: section
    part: Annex
    page: 3
    gist: Thanks to many.
    no_lesson: Thanks alone.
""",
    "knowledge/references.yaml": """\
references:
  - id: a-treaty
    title: A treaty
    kind: treaty
    cited_in: ["1"]
""",
    "knowledge/facts.yaml": """\
groups:
  - id: A
    title: Situation
    text: What kind of situation it is.
facts:
  - name: situation_types
    group: A
    type: set
    question: Which of these describe the situation?
    help: Tick all that fit.
    label: Kinds of situation
    places: ["1"]
    values:
      - {value: mass_influx, label: Mass influx}
      - {value: protracted, label: Protracted situation}
      - {value: rescue_at_sea, label: Rescue at sea}
  - name: region
    group: A
    type: enum
    question: Where is it?
    help: The region of the host State.
    label: Region
    places: ["1"]
    values:
      - {value: north, label: North}
      - {value: south, label: South}
  - name: arrivals
    group: A
    type: integer
    question: How many arrived?
    help: A round number will do.
    label: Arrivals
    unit: people
    minimum: 0
    maximum: 1000000
    places: ["1"]
  - name: years
    group: A
    type: number
    question: For how many years?
    help: Half years count.
    label: Years
    minimum: 0
    maximum: 150
    places: ["1"]
    ask_when:
      situation_types: {has: protracted}
  - name: land_offered
    group: A
    type: boolean
    question: Is land offered for camps?
    help: By the host State.
    label: Land for camps
    labels: {"true": Land is offered, "false": No land is offered}
    places: ["2"]
""",
    "knowledge/findings.yaml": """\
findings:
  - id: mass-influx
    title: Mass influx
    text: Very many people arrive.
    kind: situation
    places: ["1"]
    situation_type: mass_influx
""",
    "knowledge/elements.yaml": """\
groups:
  - id: hosting
    title: Hosting
    place: "1"
    text: How people are hosted.
elements:
  - id: shelter
    group: hosting
    title: Shelter
    text: A roof for everyone.
    places: ["1"]
    life_saving: true
  - id: camps
    group: hosting
    title: Camps
    text: Tents on open land.
    places: ["2"]
    not_the_same_as: [shelter]
""",
    "knowledge/lessons/paper.yaml": """\
source: paper
lessons:
  - id: l-shelter
    place: "1"
    kind: lesson
    title: Shelter first
    when: mass influx
    text: Give shelter before anything else.
    strength: should
    hedge: usually
    basis: lesson
    weight: 3
    facts: [situation_types]
  - id: l-camps
    place: "2"
    kind: building_block
    title: Camps where land is offered
    when: land is offered
    text: Camps can be set up on land that is offered.
    strength: consider
    hedge: sometimes
    basis: described_practice
    weight: 2
  - id: l-no-camps
    place: "2"
    kind: caveat
    title: No camps for long stays
    when: long stays
    text: Do not leave people in camps for years.
    strength: avoid
    hedge: none
    basis: lesson
    weight: 3
  - id: l-choice
    place: "2"
    kind: caveat
    title: People may leave a camp
    when: camps
    text: Nobody is made to stay in a camp.
    strength: must
    hedge: none
    basis: legal_duty
    weight: 3
    attaches_to: [camps]
""",
    "knowledge/precedents/the-town.yaml": """\
id: the-town
title: The town that took everyone in
years: "1999"
kinds: [mass_influx]
parties: [A State]
summary: A town gave shelter to thousands.
situation:
  situation_types: [mass_influx]
  arrivals: 5000
figures:
  - {what: people, value: about 5000, place: "1"}
elements_present: [shelter]
elements_absent: [camps]
places: ["1"]
lessons: [l-shelter]
references: [a-treaty]
""",
    "rules/findings/mass-influx.yaml": """\
id: mass-influx
title: Mass influx
reading: ours
note: The number is ours.
when:
  any:
    - situation_types: {has: mass_influx}
    - arrivals: {at_least: 10000}
then:
  - finding: mass-influx
tests:
  - name: a mass influx
    given: {situation_types: [mass_influx]}
    expect: fires
  - name: few people in a protracted situation
    given: {situation_types: [protracted], arrivals: 5}
    expect: silent
  - name: another kind, and nobody counted
    given: {situation_types: [protracted]}
    expect: open
""",
    "rules/hosting/shelter-first.yaml": """\
id: shelter-first
title: Shelter comes first in a mass influx
when:
  finding: mass-influx
pressing_when:
  arrivals: {more_than: 50000}
then:
  - lesson: l-shelter
    recommends: [shelter]
    cites: [the-town]
tests:
  - name: a mass influx
    given: {situation_types: [mass_influx]}
    expect: fires
  - name: few people in a protracted situation
    given: {situation_types: [protracted], arrivals: 5}
    expect: silent
  - name: nothing known of numbers
    given: {situation_types: [protracted]}
    expect: open
""",
    "rules/hosting/camps-on-offered-land.yaml": """\
id: camps-on-offered-land
title: Camps where land is offered
when:
  land_offered: true
then:
  - lesson: l-camps
    recommends: [camps]
tests:
  - name: land is offered
    given: {land_offered: true}
    expect: fires
  - name: no land is offered
    given: {land_offered: false}
    expect: silent
  - name: nobody asked
    given: {}
    expect: open
""",
    "rules/hosting/no-camps-for-years.yaml": """\
id: no-camps-for-years
title: No camps for long stays
reading: ours
note: Five years is our reading of long.
when:
  years: {at_least: 5}
then:
  - lesson: l-no-camps
    cautions: [camps]
    defeats: [camps]
tests:
  - name: five years
    given: {years: 5}
    expect: fires
  - name: one year
    given: {years: 1}
    expect: silent
  - name: years unknown
    given: {}
    expect: open
""",
}

MORE_RULE = """\
id: more
title: More camps
when:
  land_offered: true
then:
  - lesson: l-camps
    recommends: [camps]
tests:
  - name: land is offered
    given: {land_offered: true}
    expect: fires
  - name: no land is offered
    given: {land_offered: false}
    expect: silent
  - name: nobody asked
    given: {}
    expect: open
"""
"""A rule for a file ``more.yaml`` that tests spoil in one place."""


class MiniPack:
    """A pack on disk that starts valid; each method changes a file of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> MiniPack:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return self

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> MiniPack:
        text = self.text(name)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        return self.write(name, text.replace(old, new))

    def append(self, name: str, text: str) -> MiniPack:
        return self.write(name, self.text(name) + text)

    def remove(self, name: str) -> MiniPack:
        (self.folder / name).unlink()
        return self

    def problems(self) -> list[str]:
        """Return errors and warnings as they are printed, paths shown below the pack's folder."""
        _, problems = examine(self.folder)
        return [str(problem).replace(f"{self.folder.name}/", "", 1) for problem in problems]

    def load(self) -> Corpus:
        return load(self.folder)
