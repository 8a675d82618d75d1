"""Lines of advice: what the lessons that fired recommend, warn of, flag and argue, and what is set aside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from advisor.answer import BecauseElement, Item, ItemKind, Rationale, SetAside, SourceView
from advisor.case import Application, Case, canonical, source_note
from advisor.ranking import Ranking
from advisor.rule import Rule
from advisor.standing import Line, lines_of, pressing, provisional


class Lines:
    """The lines of one answer."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.corpus = case.corpus
        self.ranking = Ranking(case.corpus, case.facts)

    def recommendations(self) -> tuple[tuple[Item, ...], tuple[SetAside, ...]]:
        """Return what is recommended or warned of, headlines first, and what is set aside."""
        items: list[Item] = []
        aside: list[SetAside] = []
        partly: dict[str, Line] = {}
        for (kind, name), line in lines_of(self.case).items():
            make = self._recommendation if kind == "recommendation" else self._caution
            if line.standing:
                items.append(make(name, line.standing))
            if line.standing and kind == "recommendation":
                # The element stands for other reasons: what is set aside is the lesson, with all that it bore on.
                for application in line.defeated:
                    lesson = partly.setdefault(application.says, Line())
                    lesson.defeated.append(application)
                    lesson.defeated_by |= line.defeated_by
            elif line.defeated:
                aside.append(self._aside(make(name, line.defeated), line))
        for name, line in partly.items():
            title = self.corpus.lessons[name].title
            aside.append(self._aside(self._spoken("recommendation", name, title, line.defeated, "recommends"), line))
        aside.sort(key=self.ranking.rank)
        return self.ranking.with_headlines(items, self.flagged()), tuple(aside)

    def flagged(self) -> set[str]:
        """Return the lessons that red flags apply; no caution says them again among the headlines."""
        return {one.says for one in self.case.applications if one.consequence.flags is not None}

    def red_flags(self) -> tuple[Item, ...]:
        """Return the red flags, one a rule; contradictions in the facts come last."""
        flags: list[Item] = []
        for rule in self.case.fired:
            found = [
                application
                for application in self.case.applications
                if application.rule is rule and application.consequence.flags is not None
            ]
            if found:
                flags.append(self._spoken("red_flag", rule.id, rule.title, found, "flags"))
            flags += (self._contradiction(rule, said) for then in rule.then if (said := then.contradiction) is not None)
        return tuple(sorted(flags, key=lambda flag: (flag.kind == "contradiction", *self.ranking.rank(flag))))

    def arguments(self) -> tuple[Item, ...]:
        """Return the risks of doing nothing and the grounds for sharing."""
        by_lesson: dict[str, list[Application]] = {}
        for application in self.case.applications:
            if application.consequence.argues is not None:
                by_lesson.setdefault(application.says, []).append(application)
        items = [
            self._spoken("argument", name, self.corpus.lessons[name].title, found, "argues")
            for name, found in by_lesson.items()
        ]
        return tuple(sorted(items, key=self.ranking.rank))

    def _aside(self, item: Item, line: Line) -> SetAside:
        fields = {name: getattr(item, name) for name in Item.model_fields} | {"provisional": ()}
        defeats = tuple(self.case.defeat(*by) for _, by in sorted(line.defeated_by.items(), key=lambda pair: pair[0]))
        return SetAside(**fields, defeated_by=defeats)

    def _recommendation(self, name: str, applications: list[Application]) -> Item:
        element = self.corpus.elements[name]
        ranked = self._ranked(applications)
        common = self._common(applications, ranked) | {"pressing": pressing(self.case, name, applications)}
        return Item(
            id=name,
            kind="recommendation",
            title=element.title,
            headline=False,
            group=element.group,
            element=name,
            phases=element.phases,
            conditions=self._conditions(name),
            provisional=provisional(self.case, name, applications),
            text=self._text(ranked, 3),
            **common,
        )

    def _caution(self, name: str, applications: list[Application]) -> Item:
        lesson = self.corpus.lessons[name]
        ranked = self._ranked(applications)
        bears_on = self._bearing(application.consequence.cautions or () for application in applications)
        return Item(
            id=name,
            kind="caution",
            title=lesson.title,
            headline=False,
            group=self._group(bears_on),
            bears_on=bears_on,
            provisional=provisional(self.case, None, applications),
            text=self._text(ranked),
            **self._common(applications, ranked),
        )

    def _spoken(self, kind: ItemKind, name: str, title: str, applications: list[Application], verb: str) -> Item:
        ranked = self._ranked(applications)
        bears_on = self._bearing(getattr(application.consequence, verb) or () for application in applications)
        return Item(
            id=name,
            kind=kind,
            title=title,
            text=self._text(ranked),
            headline=kind == "red_flag",
            group=self._group(bears_on),
            bears_on=bears_on,
            **self._common(applications, ranked),
        )

    def _contradiction(self, rule: Rule, text: str) -> Item:
        return Item(
            id=rule.id,
            kind="contradiction",
            title=rule.title,
            text=text,
            strength="should",
            hedge="none",
            basis=None,
            headline=True,
            group=next(iter(self.corpus.element_groups), ""),
            packs=(rule.pack,),
            lessons=(),
            rationale=(self.case.rule_rationale(rule, text, self.case.fact_places(rule)),),
        )

    def _conditions(self, element: str) -> tuple[Item, ...]:
        attached = {canonical(lesson): lesson for lesson in reversed(self.corpus.attached[element])}
        items = []
        for lesson in attached.values():
            rationale = Rationale(
                rule=None,
                lesson=lesson.id,
                title=lesson.title,
                text=lesson.text,
                strength=lesson.strength,
                hedge=lesson.hedge,
                basis=lesson.basis,
                because=(BecauseElement(element=element),),
                paragraphs=self.case.paragraphs([lesson.place]),
                reading="source",
                remark=lesson.remark,
                pack=self.corpus.origins[f"lessons:{lesson.id}"],
                beside=self.case.beside(lesson),
            )
            items.append(
                Item(
                    id=lesson.id,
                    kind="condition",
                    title=lesson.title,
                    text=lesson.text,
                    strength=lesson.strength,
                    hedge=lesson.hedge,
                    basis=lesson.basis,
                    headline=False,
                    group=self.corpus.elements[element].group,
                    element=element,
                    packs=(rationale.pack,),
                    lessons=(lesson.id,),
                    rationale=(rationale,),
                )
            )
        return tuple(sorted(items, key=self.ranking.rank))

    def _common(self, applications: list[Application], ranked: list[Application]) -> dict[str, Any]:
        """Return what every item made of applied lessons has: the strongest lesson speaks for the line."""
        first = ranked[0]
        lessons = dict.fromkeys(application.lesson.id for application in sorted(applications, key=lambda a: a.rank))
        return {
            "strength": first.strength,
            "hedge": first.lesson.hedge,
            "basis": first.lesson.basis,
            "pressing": any(application.pressing for application in applications),
            "packs": self._packs(applications),
            "by_source": self._by_source(ranked),
            "lessons": tuple(lessons),
            "rationale": self._merged(applications),
        }

    def _packs(self, applications: Iterable[Application]) -> tuple[str, ...]:
        origins = self.corpus.origins
        named = {pack for one in applications for pack in (one.rule.pack, origins[f"lessons:{one.lesson.id}"])}
        return tuple(pack.id for pack in self.corpus.packs if pack.id in named)

    def _by_source(self, ranked: Iterable[Application]) -> tuple[SourceView, ...]:
        """Return what each source says, where there are several: sources that differ stand side by side."""
        by_source = self._grouped(ranked)
        if len(by_source) < 2:
            return ()
        return tuple(
            SourceView(
                source=source_note(self.corpus, source),
                text=_joined(one.lesson.text for one in found),
                strength=found[0].strength,
                hedge=found[0].lesson.hedge,
                basis=found[0].lesson.basis,
                paragraphs=self.case.paragraphs(one.lesson.place for one in found),
            )
            for source, found in by_source.items()
        )

    def _text(self, ranked: Iterable[Application], limit: int | None = None) -> str:
        """Return the lessons' texts, at most ``limit`` of a source; of several sources, each after its name."""
        texts = {
            self.corpus.sources[source].short: _joined(one.lesson.text for one in found[:limit])
            for source, found in self._grouped(ranked).items()
        }
        return " ".join(texts.values() if len(texts) < 2 else (f"{short}: {text}" for short, text in texts.items()))

    def _grouped(self, applications: Iterable[Application]) -> dict[str, list[Application]]:
        """Return applications by the source of their lesson."""
        by_source: dict[str, list[Application]] = {}
        for application in applications:
            by_source.setdefault(self.corpus.source_of(application.lesson.place), []).append(application)
        return by_source

    def _ranked(self, applications: Iterable[Application]) -> list[Application]:
        """Return the applications, strongest first, with lessons that say the same only once."""
        found: dict[str, Application] = {}
        for application in sorted(applications, key=lambda one: one.rank):
            found.setdefault(application.says, application)
        return list(found.values())

    def _merged(self, applications: Iterable[Application]) -> tuple[Rationale, ...]:
        """Return one rationale for each rule and lesson; lessons that say the same share theirs."""
        found: dict[tuple[str, str], Rationale] = {}
        for application in sorted(applications, key=lambda one: one.rank):
            key = (application.rule.id, application.says)
            rationale = self.case.rationale(application)
            if key in found:
                paragraphs = tuple(dict.fromkeys((*found[key].paragraphs, *rationale.paragraphs)))
                found[key] = found[key].model_copy(update={"paragraphs": paragraphs})
            else:
                found[key] = rationale
        return tuple(found.values())

    def _bearing(self, lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
        named = {element for elements in lists for element in elements}
        return tuple(element for element in self.corpus.elements if element in named)

    def _group(self, elements: tuple[str, ...]) -> str:
        if elements:
            return self.corpus.elements[elements[0]].group
        return next(iter(self.corpus.element_groups), "")


def _joined(texts: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(texts))
