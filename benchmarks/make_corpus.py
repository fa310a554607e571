"""A corpus for measuring: N synthetic acts in the Markdown layout of the national corpus, from the acts at hand.

    python benchmarks/make_corpus.py OUT --provisions 10000 [--seed 1] [--from CORPUS]

The provisions of the acts at hand are recombined clause by clause, and clauses with terms of the term base, inflected, and
with names are put in, so that the vocabulary grows as Heaps' law says that it does in such texts: V(n) = K * n^beta forms
after n words. New words come when the law calls for one; old ones come again as often as they came before (Simon's model),
which gives the frequencies of words their usual (Zipf's) shape. Acts have log-normal sizes, chapters, articles with a list
of definitions, points, sub-points, edition notes, repealed numbers; the largest are split (``kaz/001.md``). Both languages
of a provision are made of the same pairs. The same arguments give the same bytes.
"""

from __future__ import annotations

import argparse
import math
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pymorphy3

from lawsearch.analysis import tokens
from lawsearch.analysis.letters import fold
from lawsearch.corpus.files import discover
from lawsearch.corpus.reading import read_act
from lawsearch.law import LANGS, Lang
from lawsearch.terms import termbase

HERE = Path(__file__).resolve().parent

#: Heaps' K and beta. Kazakh stacks endings, so that its forms grow faster than Russian ones.
HEAPS: dict[Lang, tuple[float, float]] = {"kk": (18.0, 0.60), "ru": (20.0, 0.56)}
#: Provisions of an act: the median and the spread of their logarithm; the mean is about 75.
ACT_MEDIAN, ACT_SPREAD = 45.0, 1.0
#: An act with more provisions than this is split into several files.
SPLIT_ABOVE = 1500
#: How many occurrences of inserted words are remembered for being used again.
REMEMBERED = 200_000

#: Clauses that carry terms: {0}, {1}, {2} are terms in the genitive, dative and nominative case.
FRAMES = (
    ("{0} тізілімін жүргізеді және {1} қатысты мәліметтерді жинайды", "ведёт реестр {0} и собирает сведения, относящиеся к {1}"),
    ("{0} тәртібі уәкілетті органның {1} жіберген хабарламасымен айқындалады", "порядок {0} определяется уведомлением уполномоченного органа, направленным {1}"),
    ("{2} туралы шешім {0} негізінде қабылданады", "решение «{2}» принимается на основании {0}"),
    ("{0} және {2} бойынша есептілік {1} ұсынылады", "отчётность {0} и по разделу «{2}» представляется {1}"),
    ("{1} берілген рұқсат {0} мерзімі өткенге дейін қолданылады", "разрешение, выданное {1}, действует до истечения срока {0}"),
    ("{0} есебінен {1} көрсетілетін қызметтер қаржыландырылады", "за счёт {0} финансируются услуги, оказываемые {1}"),
    ("{2} – {0} мақсатында {1} берілетін құжат", "{2} – документ, выдаваемый {1} в целях {0}"),
    ("{0} бұзылған жағдайда {1} ескерту жасалады", "при нарушении {0} выносится предупреждение {1}"),
    ("{2} болмаған кезде {0} тоқтатыла тұрады", "при отсутствии условия «{2}» действие {0} приостанавливается"),
    ("{1} қосымша шарттар {0} ескеріле отырып белгіленеді", "дополнительные условия устанавливаются {1} с учётом {0}"),
    ("{0} сақталуына бақылауды {2} жүзеге асырады", "контроль за соблюдением {0} осуществляет {2}"),
    ("{0} көлемі {1} сәйкес есептеледі", "объём {0} исчисляется применительно к {1}"),
)  # fmt: skip
CHAPTERS = (
    ("ЖАЛПЫ ЕРЕЖЕЛЕР", "ОБЩИЕ ПОЛОЖЕНИЯ"),
    ("МЕМЛЕКЕТТІК РЕТТЕУ", "ГОСУДАРСТВЕННОЕ РЕГУЛИРОВАНИЕ"),
    ("ҚҰҚЫҚТАР МЕН МІНДЕТТЕР", "ПРАВА И ОБЯЗАННОСТИ"),
    ("БАҚЫЛАУ ЖӘНЕ ҚАДАҒАЛАУ", "КОНТРОЛЬ И НАДЗОР"),
    ("ҚАРЖЫЛАНДЫРУ", "ФИНАНСИРОВАНИЕ"),
    ("ҚОРЫТЫНДЫ ЕРЕЖЕЛЕР", "ЗАКЛЮЧИТЕЛЬНЫЕ ПОЛОЖЕНИЯ"),
)
_SYLLABLES = "ба бе ға да жа ке қа ла ма нұ ора па ра са та тө ұлы шы мір дәу ар ер нұр сұл бек жан дар қар таш мол гүл".split()


def kazakh_form(word: str, case: int, plural: bool) -> str:
    """A word with the endings of vowel and consonant harmony: case 0 genitive, 1 dative, 2 nominative."""
    deciding = [c for c in word if c in "әеіөүэаоұыя"]
    soft = bool(deciding) and deciding[-1] in "әеіөүэ"
    voiceless, nasal = "пфкқтсшщчцхһбвгд", "мнң"
    vowels = "аәеиоөуұүыіэюя"

    def last() -> str:
        return word[-1]

    if plural and not word.endswith(("лар", "лер", "дар", "дер", "тар", "тер")):
        first = "т" if last() in voiceless else "д" if last() in nasal + "лз" else "л"
        word += first + ("ер" if soft else "ар")
    if case == 0:
        first = "н" if last() in vowels + nasal else "т" if last() in voiceless else "д"
        word += first + ("ің" if soft else "ың")
    elif case == 1:
        first = ("к" if soft else "қ") if last() in voiceless else ("г" if soft else "ғ")
        word += first + ("е" if soft else "а")
    return word


class Russian:
    """Russian expressions in another case: their nouns and the adjectives before them, by pymorphy3."""

    def __init__(self) -> None:
        self._morph = pymorphy3.MorphAnalyzer(lang="ru")
        self.form = lru_cache(maxsize=200_000)(self._form)

    def _form(self, expression: str, case: int, plural: bool) -> str:
        if case == 2 and not plural:
            return expression
        wanted = {("gent", "datv", "nomn")[case]} | ({"plur"} if plural else set())
        words = expression.split()
        for i, word in enumerate(words):
            parse = self._morph.parse(word)[0]
            if parse.tag.POS not in ("ADJF", "PRTF", "NOUN"):
                break
            bent = parse.inflect(wanted)
            if bent is not None:
                words[i] = bent.word if word.islower() else bent.word.capitalize()
            if parse.tag.POS == "NOUN":
                break
        return " ".join(words)


@dataclass(slots=True)
class Growth:
    """How many words and forms one language has so far, against Heaps' law."""

    lang: Lang
    words: int = 0
    forms: set[str] = field(default_factory=set)

    def add(self, text: str) -> None:
        found = tokens.words(text)
        self.words += len(found)
        self.forms.update(map(fold, found))

    def behind(self) -> float:
        k, beta = HEAPS[self.lang]
        return k * max(self.words, 1) ** beta - len(self.forms)


class Maker:
    """Makes provisions; one random generator, so that a seed decides everything."""

    def __init__(self, source: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.russian = Russian()
        self.growth = {lang: Growth(lang) for lang in LANGS}
        self.bodies = list(_bodies(source))
        terms = [t for t in termbase.load() if t.status != "weak" and len(t.kk.split()) <= 3 and len(t.ru.split()) <= 3]
        self.random.shuffle(terms)
        self.fresh = [(t.kk, t.ru) for t in terms]
        self.seen: list[tuple[str, str]] = [self.fresh.pop() for _ in range(200)]

    def pair(self, new: bool) -> tuple[str, str]:
        """A Kazakh and a Russian expression: a new one, or one that came before as often as it came."""
        if new and self.random.random() < 0.5:
            pair = self.fresh.pop() if self.fresh else self._name()
        else:
            pair = self.random.choice(self.seen)
        if len(self.seen) < REMEMBERED:
            self.seen.append(pair)
        else:
            self.seen[self.random.randrange(REMEMBERED)] = pair
        return pair

    def _name(self) -> tuple[str, str]:
        name = "".join(self.random.choice(_SYLLABLES) for _ in range(self.random.randint(2, 4))).capitalize()
        return (name, name) if self.random.random() < 0.5 else (f"«{name}» кәсіпорны", f"предприятие «{name}»")

    def clause(self) -> tuple[str, str]:
        kk, ru = self.random.choice(FRAMES)
        new = max(self.growth[lang].behind() for lang in LANGS) > 0
        pairs = [self.pair(new) for _ in range(3)]
        plural = self.random.random() < 0.4
        kk_words = [" ".join([*p[0].split()[:-1], kazakh_form(p[0].split()[-1], c, plural)]) for c, p in enumerate(pairs)]
        ru_words = [self.russian.form(p[1], c, plural) for c, p in enumerate(pairs)]
        return kk.format(*kk_words), ru.format(*ru_words)

    def text(self) -> tuple[str, str]:
        """The words of one provision in both languages."""
        kk, ru = [], []
        if self.random.random() < 0.75:
            body = self.random.choice(self.bodies)
            kk.append(body[0])
            ru.append(body[1])
        for _ in range(self.random.choice((0, 1, 1, 1, 2)) or (not kk)):
            clause = self.clause()
            kk.append(clause[0])
            ru.append(clause[1])
        texts = ", ".join(kk), ", ".join(t for t in ru if t) or self.clause()[1]
        for lang, text in zip(LANGS, texts, strict=True):
            self.growth[lang].add(text)
        return texts


def _bodies(source: Path) -> Iterator[tuple[str, str]]:
    """Clauses of the acts at hand, Kazakh and Russian (empty where there is none), at most 40 words long."""
    for files in discover([source]):
        for provision in read_act(files).provisions:
            if provision.status != "in_force":
                continue
            kk, ru = ((provision.text(lang) or "").split("\n")[0].rstrip(" .;:") for lang in LANGS)
            kk, ru = (" ".join(text.replace("[", "(").replace("]", ")").split()[:40]) for text in (kk, ru))
            if kk:
                yield kk, ru


def _title(maker: Maker) -> tuple[str, str]:
    one, two = maker.pair(True), maker.pair(False)
    return (
        f"{one[0]} және {two[0]} туралы".capitalize(),
        f"О регулировании {maker.russian.form(one[1], 0, False)} и {maker.russian.form(two[1], 0, False)}",
    )


def act_lines(maker: Maker, size: int) -> tuple[list[str], list[str]]:
    """The Markdown of one act of about ``size`` provisions, in Kazakh and in Russian, a block a line."""
    title = _title(maker)
    out: tuple[list[str], list[str]] = ([f"# {title[0]}"], [f"# {title[1]}"])
    made = article = chapter = 0

    def say(kk: str, ru: str) -> None:
        out[0].append(kk)
        out[1].append(ru)

    while made < size:
        if article % 9 == 0:
            name = CHAPTERS[min(chapter, len(CHAPTERS) - 1)]
            chapter += 1
            say(f"## {chapter}-тарау. {name[0]}", f"## Глава {chapter}. {name[1]}")
        article += 1
        kk, ru = _title(maker)
        say(f'<a id="st{article}"></a>', f'<a id="st{article}"></a>')
        say(f"### {article}-бап. {kk}", f"### Статья {article}. {ru}")
        kind = maker.random.random()
        if article == 1 or kind < 0.2:
            kk, ru = maker.text()
            say(f"{kk}:", f"{ru}:")
            made += 1
            for number in range(1, maker.random.randint(3, 12)):
                kk, ru = maker.text()
                say(f"{number}) {kk};", f"{number}) {ru};")
                made += 1
        elif kind < 0.35:
            kk, ru = maker.text()
            say(f"{kk}.", f"{ru}.")
            made += 1
        else:
            for number in range(1, maker.random.randint(2, 7)):
                kk, ru = maker.text()
                lists = maker.random.random() < 0.25
                say(f"{number}. {kk}{':' if lists else '.'}", f"{number}. {ru}{':' if lists else '.'}")
                made += 1
                for sub in range(1, maker.random.randint(3, 8) if lists else 1):
                    if maker.random.random() < 0.03:
                        say(
                            f"   *{sub}) алып тасталды – ҚР 29.09.2014 № 239-V Заңымен;*",
                            f"   *{sub}) исключен Законом РК от 29.09.2014 № 239-V;*",
                        )
                    else:
                        kk, ru = maker.text()
                        say(f"   {sub}) {kk};", f"   {sub}) {ru};")
                    made += 1
        if maker.random.random() < 0.1:
            say(
                f"> *Ескерту. {article}-бапқа өзгеріс енгізілді – ҚР 29.12.2021 № 91-VII Заңымен.*",
                f"> *Сноска. Статья {article} с изменениями, внесенными Законом РК от 29.12.2021 № 91-VII.*",
            )
    say("**Қазақстан Республикасының Президенті**", "**Президент Республики Казахстан**")
    return out


def write_act(folder: Path, number: int, lines: tuple[list[str], list[str]], size: int) -> None:
    folder.mkdir(parents=True)
    meta = f"number: {number}-VIII\nform: ЗАК\napproved_on: 2020-01-15\ntitle:\n  kaz: '{lines[0][0][2:]}'\n  rus: '{lines[1][0][2:]}'\n"
    (folder / "meta.yaml").write_text(meta, encoding="utf-8")
    for name, text in zip(("kaz", "rus"), lines, strict=True):
        if size <= SPLIT_ABOVE:
            (folder / f"{name}.md").write_text("\n\n".join(text) + "\n", encoding="utf-8")
            continue
        (folder / name).mkdir()
        parts = math.ceil(size / SPLIT_ABOVE)
        each = math.ceil(len(text) / parts)
        for part in range(parts):
            some = text[part * each : (part + 1) * each]
            (folder / name / f"{part + 1:03d}.md").write_text("\n\n".join(some) + "\n", encoding="utf-8")


def make(out: Path, provisions: int, seed: int = 1, source: Path = HERE.parent / "corpus") -> dict[str, int]:
    """Write the corpus into a fresh folder ``out``; returns what it holds."""
    maker = Maker(source, seed)
    left, acts = provisions, 0
    while left > 0:
        size = min(left, max(3, round(maker.random.lognormvariate(math.log(ACT_MEDIAN), ACT_SPREAD))))
        acts += 1
        lines = act_lines(maker, size)
        write_act(out / f"{2000 + acts % 25}" / f"Z{acts:07d}", acts, lines, size)
        left -= size
    return {
        "acts": acts,
        **{f"{what}_{lang}": n for lang in LANGS for what, n in
           (("words", maker.growth[lang].words), ("forms", len(maker.growth[lang].forms)))},
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a synthetic corpus for measuring.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--provisions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="source", type=Path, default=HERE.parent / "corpus", help="the acts at hand")
    parser.add_argument("--force", action="store_true", help="replace what OUT holds")
    given = parser.parse_args()
    if given.out.exists():
        if not given.force:
            parser.error(f"{given.out} exists; name another folder, or give --force")
        shutil.rmtree(given.out)
    print(make(given.out, given.provisions, given.seed, given.source))


if __name__ == "__main__":
    main()
