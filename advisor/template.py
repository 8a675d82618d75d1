"""A new pack: small, working files to start from, with comments that say what to put in their place."""

from __future__ import annotations

from collections.abc import Mapping

from advisor.content import BUILTIN

_SCHEMA = "# yaml-language-server: $schema={up}/schemas/{kind}.schema.json\n"

_MANIFEST = """\
id: {name}
version: 0.1.0
title: {title}
# What the pack is about, in a sentence or two.
text: Lessons of one document, as rules.
{base}# The documents whose lessons the pack applies; a bare paragraph number means a place of the first.
sources: [{name}]
# Folders below rules/, with the title under which answers speak of their rules.
topics:
  - {{id: {name}, title: {title}}}
"""

_BASE = """\
# Packs whose facts, findings, elements and lessons this one uses.
builds_on:
  - {{pack: {builtin}}}
"""

_SOURCE = """\
# The document: what it is, when it was made, what it is worth. Then its places, each in your own words.
id: {name}
title: {title}
short: {title}
publisher: Nobody yet
date: "{year}"
language: en
# Its legal and political standing; answers print it beside other sources.
standing: A document made up as an example; it binds nobody.
places:
  - id: "1"
    ref: "1"
    kind: paragraph
    part: Main part
    page: 1
    gist: Those who took part in an arrangement meet again, and look at what became of their promises.
"""

_LESSONS = """\
source: {name}
lessons:
  # One statement of the source. The strength is that of its modal word: must, should, consider or avoid.
  - id: {name}-01
    place: "1"
    kind: lesson
    title: Look again at what was promised
    when: States have an arrangement, and nobody follows up
    text: Agree when those who take part meet again, and who looks at what became of their promises.
    strength: should
    hedge: none
    basis: lesson
    weight: 2
"""

_RULE = """\
# One rule, one idea: when it applies, which lesson follows, and three situations that show it.
id: {rule}
title: An arrangement without follow-up needs a date to meet again
reading: ours
note: That a process without follow-up calls for this is a trigger of ours; the source names none.
when:
  {condition}
then:
  - lesson: {name}-01
    recommends: [{element}]
tests:
  - name: meetings and working groups are planned, but nobody is to follow up
    given: {fires}
    expect: fires
  - name: follow-up is planned
    given: {silent}
    expect: silent
  - name: nothing is known of the process
    given: {open}
    expect: open
"""

_SCENARIO = """\
# A whole situation, with the advice that it must get and must never get.
title: Meetings, and nobody to follow up
facts: {fires}
expect:
  recommended: [{element}]
"""

_FACTS = """\
groups:
  - {{id: A, title: Form of the arrangement, text: What has been agreed so far.}}
facts:
  - name: process_features
    group: A
    type: set
    question: Which of these does the process have?
    help: What is planned counts, not only what is done already.
    label: Features of the process
    places: ["1"]
    values:
      - {{value: regular_meetings, label: Regular meetings}}
      - {{value: working_groups, label: Working groups}}
      - {{value: follow_up, label: Follow-up}}
"""

_ELEMENTS = """\
groups:
  - {{id: governance, title: Governance, place: "1", text: Who looks after the arrangement.}}
elements:
  - id: follow-up
    group: governance
    title: Follow-up
    text: Those who take part look at what became of their promises.
    places: ["1"]
"""

RULE = "{name}-asks-for-follow-up"
"""Id of the rule in a new pack, given the pack's."""


def files_of(name: str, title: str, year: int, *, alone: bool = False) -> Mapping[str, str]:
    """Return the files of a new pack: paths below its folder to text.

    Args:
        name: the pack's id, in kebab-case.
        title: the pack's title.
        year: the year given to its example source.
        alone: whether the pack brings its own facts and elements, instead of building on the built-in pack.
    """
    rule = RULE.format(name=name)
    words = {
        "name": name,
        "title": _text(title),
        "year": year,
        "rule": rule,
        "element": "follow-up",
        "condition": "process_features: {lacks: follow_up}",
        "fires": "{process_features: [regular_meetings, working_groups]}",
        "silent": "{process_features: [regular_meetings, follow_up]}",
        "open": "{}" if alone else "{states_count: 4}",
        "base": "" if alone else _BASE.format(builtin=BUILTIN),
    }
    templates = {
        "knowledge/pack.yaml": ("pack", _MANIFEST),
        f"knowledge/sources/{name}.yaml": ("source", _SOURCE),
        f"knowledge/lessons/{name}.yaml": ("lessons", _LESSONS),
        f"rules/{name}/{rule}.yaml": ("rule", _RULE),
        f"scenarios/{name}-follow-up.yaml": ("scenario", _SCENARIO),
    }
    if alone:
        templates |= {"knowledge/facts.yaml": ("facts", _FACTS), "knowledge/elements.yaml": ("elements", _ELEMENTS)}
    return {
        path: _SCHEMA.format(up="/".join([".."] * path.count("/")), kind=kind) + text.format(**words)
        for path, (kind, text) in templates.items()
    }


def _text(title: str) -> str:
    """Return a title as YAML text that means itself, whatever is in it."""
    plain = title.replace(" ", "").replace("-", "")
    if plain.isalnum() and not plain.isnumeric() and not title.startswith("-"):
        return title
    return '"' + title.replace("\\", "\\\\").replace('"', '\\"') + '"'
