"""Coverage of the sources: for each place its lessons, for each lesson what it leads to."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from advisor.corpus import Corpus

Way = Literal["rule", "attachment", "notice", "reason", "nothing"]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True)


class LessonCoverage(_Row):
    """What a lesson leads to."""

    lesson: str
    place: str
    ways: tuple[Way, ...]
    rules: tuple[str, ...]
    attached_to: tuple[str, ...]
    reason: str | None


class PlaceCoverage(_Row):
    """The lessons of a place of a source, or the reason why it has none."""

    place: str
    ref: str
    lessons: tuple[str, ...]
    rules: tuple[str, ...]
    reason: str | None


class Coverage(_Row):
    """The whole."""

    corpus: str
    digest: str
    places: tuple[PlaceCoverage, ...]
    lessons: tuple[LessonCoverage, ...]

    @property
    def uncovered(self) -> tuple[str, ...]:
        """Lessons that lead to nothing without a reason, and places with neither lesson nor reason."""
        lessons = [row.lesson for row in self.lessons if row.ways == ("nothing",)]
        return (*lessons, *(row.place for row in self.places if not row.lessons and not row.reason))

    @property
    def by_reason_alone(self) -> tuple[str, ...]:
        """Lessons that have nothing but a stated reason."""
        return tuple(row.lesson for row in self.lessons if row.ways == ("reason",))


def measure(corpus: Corpus) -> Coverage:
    """Return the coverage of all sources of the corpus."""
    lessons = []
    for lesson in corpus.lessons.values():
        rules = tuple(rule.id for rule in corpus.applying[lesson.id])
        ways: list[Way] = []
        if rules:
            ways.append("rule")
        if lesson.attaches_to:
            ways.append("attachment")
        if lesson.notice:
            ways.append("notice")
        if not ways:
            ways.append("reason" if lesson.no_advice else "nothing")
        lessons.append(
            LessonCoverage(
                lesson=lesson.id,
                place=lesson.place,
                ways=tuple(ways),
                rules=rules,
                attached_to=lesson.attaches_to,
                reason=lesson.no_advice,
            )
        )
    places = []
    for name, place in corpus.places.items():
        rows = [row for row in lessons if row.place == name]
        places.append(
            PlaceCoverage(
                place=name,
                ref=place.ref,
                lessons=tuple(row.lesson for row in rows),
                rules=tuple(dict.fromkeys(rule for row in rows for rule in row.rules)),
                reason=place.no_lesson,
            )
        )
    return Coverage(corpus=corpus.version, digest=corpus.digest, places=tuple(places), lessons=tuple(lessons))


def as_text(coverage: Coverage) -> str:
    """Return the coverage as text: a line a place, a line a lesson below it, and the sums."""
    rows = {row.lesson: row for row in coverage.lessons}
    lines: list[str] = []
    for place in coverage.places:
        source, name = place.place.split(":", 1)
        lines.append(f"{source} {name}" + (f"  (no lesson: {place.reason})" if place.reason else ""))
        for lesson in place.lessons:
            row = rows[lesson]
            parts = []
            if row.rules:
                parts.append("rules " + ", ".join(row.rules))
            if row.attached_to:
                parts.append("attached to " + ", ".join(row.attached_to))
            if "notice" in row.ways:
                parts.append("notice")
            if not parts:
                parts.append(f"no advice: {row.reason}" if row.reason else "NOTHING")
            lines.append(f"  {lesson}: " + "; ".join(parts))
    count = {way: sum(way in row.ways for row in coverage.lessons) for way in ("rule", "attachment", "notice")}
    silent = sum(1 for place in coverage.places if place.reason)
    lines += [
        "",
        f"{len(coverage.lessons)} lessons: {count['rule']} applied by rules, {count['attachment']} attached, "
        f"{count['notice']} notices, {len(coverage.by_reason_alone)} with a stated reason alone",
        f"{len(coverage.places)} places: {len(coverage.places) - silent} with lessons, {silent} with a stated reason",
        f"uncovered: {', '.join(coverage.uncovered) or 'none'}",
    ]
    return "\n".join(lines)
