"""What to ask next, and why an answer says little: the unknown facts for which rules wait.

Which facts are open. A fact is open if an undecided test of it stands, directly or through findings, in the condition
of an open rule that would say something, or in what would make a line pressing. Rules that only derive findings count
only where such a rule waits for the finding; rules that only set aside count only where their target is or may yet be
advised. At the very end come facts that change no line but its reasons or its place: another branch of a condition
that holds already, the phases and measures by which lines are ranked, the facts by which precedents are compared.
Where no fact is open, knowing more could not change the answer, and it is complete.

How they are ranked. Each rule that is open pulls at the facts for which it waits:

- with the weight of its weightiest lesson (1 to 3) times the strength (consider 2, should and avoid 3, must 4);
- twice that if it raises a red flag or sets advice aside, and twice if it bears on a life-saving element;
- a quarter of that if it would only give one more reason for a line that stands already, would only make a line more
  pressing, or would only report that facts contradict one another;
- shared: where k undecided conditions must hold together, each decides the less and gets a k-squared-th part; where one
  of several will do, each gets all of it. Through the findings a rule pulls at the facts behind them.

A fact's pull is the sum of these; half as much again if the fact alone could raise a red flag or set something aside on
a measure that is proposed or among the headlines (is the transfer voluntary, fair, safe?), and twice as much if the
vocabulary asks for it in this kind of situation in particular. The greatest pull comes first, but facts of which it
isn't known yet whether they are worth asking here come after all that are; and those worth asking only in other
situations come when nothing else is open. Rules could still fire on them, so an answer is complete only without them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple, Protocol, overload

from advisor.answer import AnswerValue, Notice, Question
from advisor.case import Case
from advisor.cells import Room, Table, members
from advisor.citations import paragraphs
from advisor.conditions import Condition, Facts, Truth, evaluate, leaves
from advisor.corpus import Corpus, PerCorpus
from advisor.model import Fact
from advisor.waiting import Waiting, open_by_topic, stakes
from advisor.wording import uncapital

MAX_QUESTIONS = 12
_MOST_WANTED = 5

# The factors of a fact's pull, all twice as great, so that they are whole.
_PLAIN = 2
_PERTINENT = 2
_ON_THE_TABLE = (3, 2)

_KEPT = 1 << 8
"""For so many situations it is kept which facts are worth asking."""


class Headline(Protocol):
    """A headline, as far as questions depend on it."""

    @property
    def element(self) -> str | None:
        """The element that it recommends."""


class OpenFact(NamedTuple):
    """An unknown fact that could change the advice.

    Attributes:
        name: the fact.
        worth: whether it is worth asking here: true, false or not yet known.
        on_the_table: whether it alone could decide on something that is proposed or a headline.
        pull: how much waits for it, in parts that are the same for all facts of a corpus; see the top of this module.
        waiting: how many rules wait for it.
        decides: how many of them raise a red flag or set advice aside.
    """

    name: str
    worth: Truth
    on_the_table: bool
    pull: int
    waiting: int
    decides: int


class OpenFacts(Sequence[OpenFact]):
    """The open facts of a case, the most telling first.

    Attributes:
        to_ask: how many of them, from the first, are to be asked now: those worth asking only in other situations wait
            until no other is left.
    """

    def __init__(self, waiting: Waiting, asking: _Asking, table: int, ranks: Sequence[int]) -> None:
        """Take the ranks of the facts, in order."""
        self._waiting = waiting
        self._asking = asking
        self._table = table
        self._ranks = ranks
        self.to_ask = bisect_left(ranks, asking.elsewhere) or len(ranks)

    def __len__(self) -> int:
        return len(self._ranks)

    @overload
    def __getitem__(self, at: int) -> OpenFact: ...
    @overload
    def __getitem__(self, at: slice) -> list[OpenFact]: ...
    def __getitem__(self, at: int | slice) -> OpenFact | list[OpenFact]:
        if isinstance(at, slice):
            return list(map(self._fact, self._ranks[at]))
        return self._fact(self._ranks[at])

    def _fact(self, rank: int) -> OpenFact:
        fact, worth, pull = self._asking.read(rank)
        return OpenFact(
            name=self._asking.names[fact],
            worth=worth,
            on_the_table=bool(self._table >> fact & 1),
            pull=pull,
            waiting=self._waiting.lanes.rules(self._waiting.found[fact]),
            decides=self._waiting.lanes.decisive(self._waiting.found[fact]),
        )

    def counts(self, most: int) -> Iterator[tuple[int, int, int]]:
        """Yield the first facts by their numbers, each with how many rules wait for it and how many are decisive."""
        lanes, found, facts = self._waiting.lanes, self._waiting.found, len(self._asking.names)
        for rank in self._ranks[:most]:
            fact = rank % facts
            yield fact, lanes.rules(found[fact]), lanes.decisive(found[fact])


class _Asking:
    """What is known of asking the facts of a corpus, and how they rank: the lower the rank, the earlier a fact comes.

    A rank says whether a fact is worth asking, then how hard it is pulled at, then its place in the vocabulary.

    Attributes:
        names: the facts.
        factors: for each fact what its pull takes from its rank, for each part.
        elsewhere: facts with this rank or a greater one are worth asking only in other situations.
    """

    def __init__(self, corpus: Corpus) -> None:
        index = corpus.index
        self.names = index.facts
        self._count = max(1, len(self.names))
        factors = (_PLAIN * (_PERTINENT if name in corpus.asks else 1) for name in self.names)
        self.factors = [factor * self._count for factor in factors]
        greatest = _PLAIN * _PERTINENT * _ON_THE_TABLE[0] * stakes(corpus).lanes.pull_mask
        self._worth = (greatest + 1) * self._count
        """How much is between the ranks of facts that are worth asking, that perhaps are, and that aren't."""
        self.elsewhere = self._worth + self._count
        by_facts: dict[tuple[str, ...], list[tuple[int, Condition]]] = {}
        for name, ask in corpus.asks.items():
            asked = tuple(dict.fromkeys(getattr(leaf, "fact", "") for leaf in leaves(ask)))
            by_facts.setdefault(asked, []).append((1 << index.numbers[name], ask))
        self._looks = tuple(dict.fromkeys(name for names in by_facts for name in names))
        self._tables: list[tuple[Any, dict[object, int], list[tuple[int, Condition]]]] = []
        for names, asks in by_facts.items():
            places = [self._looks.index(name) for name in names]
            self._tables.append((itemgetter(*places), {}, asks))
        self._bases: Table[int, tuple[int, ...]] = Table(Room(_KEPT, 1), self._bases_of)

    def bases(self, facts: Facts) -> tuple[int, ...]:
        """Return for each fact the rank that it has while nothing pulls at it, by whether it is worth asking."""
        values = tuple(map(facts.get, self._looks))
        doubts = 0
        for look, known, asks in self._tables:
            seen = look(values)
            found = known.get(seen)
            if found is None:
                found = 0
                for bit, ask in asks:
                    truth = evaluate(ask, facts, {})
                    if not truth:
                        found |= bit if truth is None else bit << len(self.names)
                if len(known) >= _KEPT:
                    known.clear()
                known[seen] = found
            doubts |= found
        return self._bases[doubts]

    def _bases_of(self, doubts: int) -> tuple[int, ...]:
        return tuple(
            ((doubts >> fact & 1) + 2 * (doubts >> len(self.names) + fact & 1)) * self._worth + fact
            for fact in range(len(self.names))
        )

    def read(self, rank: int) -> tuple[int, Truth, int]:
        """Return the fact that has a rank, whether it is worth asking, and its pull."""
        before, fact = divmod(rank, self._count)
        step = self._worth // self._count
        worth = -(-before // step)
        return fact, (True, None, False)[worth], worth * step - before


_asking: PerCorpus[_Asking] = PerCorpus(_Asking)


def questions(case: Case, open_: OpenFacts) -> tuple[Question, ...]:
    """Return the next questions, the most telling first; at most twelve.

    Args:
        case: the case.
        open_: its open facts, as ``open_facts`` ranks them.
    """
    return tuple(question(case, fact) for fact in open_[: min(MAX_QUESTIONS, open_.to_ask)])


def questions_json(case: Case, open_: OpenFacts) -> list[bytes]:
    """Return the same questions, each as JSON text in UTF-8: what ``model_dump_json()`` gives of it."""
    texts = _wording(case.corpus).texts
    return [
        b"%b%d%b%d%b" % (before, waiting, between, decides, after)
        for fact, waiting, decides in open_.counts(min(MAX_QUESTIONS, open_.to_ask))
        for before, between, after in (texts[fact],)
    ]


def next_facts(open_: OpenFacts) -> list[OpenFact]:
    """Return the open facts to ask now: those worth asking only in other situations wait until no other is left."""
    return open_[: open_.to_ask]


def open_facts(case: Case, headlines: Iterable[Headline], skipped: Collection[str] = ()) -> OpenFacts:
    """Return every unknown fact that could change the advice, the most telling first.

    Args:
        case: the case.
        headlines: its headlines; facts on them come early.
        skipped: facts that the officer can't tell, and that are not to be asked.
    """
    return open_beside(case, (item.element for item in headlines if item.element), skipped)


def open_beside(case: Case, leading: Iterable[str], skipped: Collection[str] = ()) -> OpenFacts:
    """Return the same, of the elements that are among the headlines."""
    waiting = Waiting(case)
    asking = _asking(case.corpus)
    table = waiting.on_the_table(leading)
    bases, factors = asking.bases(case.facts), asking.factors
    if table:
        more, less = _ON_THE_TABLE
        factors = factors[:]
        for fact in members(table):
            factors[fact] = factors[fact] * more // less
    pull = waiting.lanes.pull_mask
    ranks = [
        base - (found & pull) * factor
        for found, base, factor in zip(waiting.found, bases, factors, strict=True)
        if found
    ]
    if waiting.further:
        ranks += (bases[fact] for fact in members(waiting.further) if not waiting.found[fact])
    if skipped:
        ranks = [rank for rank in ranks if asking.names[asking.read(rank)[0]] not in skipped]
    ranks.sort()
    return OpenFacts(waiting, asking, table, ranks)


class _Wording:
    """What is said of each fact of a corpus, whatever the case.

    Attributes:
        fields: for each fact those of its question that are always the same.
        open_topics: for each topic with open rules, by what waits for each fact, the notice on it.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.fields = {name: _fields(corpus, fact) for name, fact in corpus.facts.items()}
        self._names = corpus.index.facts
        self._labels = [uncapital(corpus.facts[name].label) for name in corpus.index.facts]
        self._titles = {topic.id: topic.title for topic in corpus.topics.values()}
        self._lanes = stakes(corpus).lanes
        self.open_topics: Table[tuple[str, int], Notice] = Table(Room(_KEPT, 1), self._open_topic)

    @cached_property
    def texts(self) -> list[tuple[bytes, bytes, bytes]]:
        """For each fact, by its number, its question as JSON: before, between and after its two numbers."""
        found: list[tuple[bytes, bytes, bytes]] = []
        for name in self._names:
            text = Question(**self.fields[name], waiting=0, decides=0).model_dump_json().encode()
            # Inside a text quotation marks are escaped, so that this stands in one place only.
            before, after = text.split(_NUMBERS)
            found.append((before + _WAITING, _DECIDES, after))
        return found

    def _open_topic(self, key: tuple[str, int]) -> Notice:
        topic, waits = key
        rules, waits = divmod(waits, self._lanes.beyond)
        counts = list(map(self._lanes.rules, self._lanes.each(waits)))
        # Of facts for which as many wait, the vocabulary's order says which come first.
        wanted = sorted(filter(counts.__getitem__, range(len(counts))), key=lambda fact: -counts[fact])[:_MOST_WANTED]
        number = f"{rules} rules" if rules > 1 else "1 rule"
        labels = ", ".join(self._labels[fact] for fact in wanted)
        return Notice(
            id=f"open-{topic}",
            kind="open",
            title=f"Open: {self._titles[topic]}",
            text=f"{number} on this could not be decided. Most wanted: {labels}.",
            facts=tuple(self._names[fact] for fact in wanted),
        )


_WAITING, _DECIDES = b'"waiting":', b',"decides":'
_NUMBERS = b'"waiting":0,"decides":0'


def _fields(corpus: Corpus, fact: Fact) -> dict[str, Any]:
    return {
        "fact": fact.name,
        "group": fact.group,
        "question": fact.question,
        "help": fact.help,
        "type": fact.type,
        "values": values_of(fact),
        "paragraphs": paragraphs(corpus, fact.places),
    }


_wording: PerCorpus[_Wording] = PerCorpus(_Wording)


def question(case: Case, asked: OpenFact) -> Question:
    """Return an open fact as a question to an officer."""
    return Question(**_wording(case.corpus).fields[asked.name], waiting=asked.waiting, decides=asked.decides)


def values_of(fact: Fact) -> tuple[AnswerValue, ...]:
    """Return the values among which an answer is chosen; none for a number."""
    if fact.type == "boolean":
        return tuple(AnswerValue(value=value, label=fact.label_of(value)) for value in (True, False))
    return tuple(AnswerValue(value=value.value, label=value.label) for value in fact.values)


def open_topics(case: Case) -> Iterator[Notice]:
    """Yield for each topic how many of its rules are open, and for want of which facts."""
    kept = _wording(case.corpus).open_topics
    found = open_by_topic(case)
    for topic in case.corpus.topics:
        if topic in found:
            yield kept[topic, found[topic]]
