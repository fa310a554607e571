"""TBX and TMX: what other tools read, and what is read from them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from conftest import LAW, Run
from lawsearch.search import Searcher
from lawsearch.store.pairs import units
from lawsearch.terms import tbx
from lawsearch.terms.termbase import DOMAINS, STATUSES, Term, TermbaseError

SCHEMAS = Path(__file__).parent / "schemas"
XML = "{http://www.w3.org/XML/1998/namespace}"


def schema(name: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(str(SCHEMAS / name)))


def test_exported_terms_are_tbx_basic(lawsearch: Run, shipped_index: Path) -> None:
    done = lawsearch("export", "--format", "tbx", index=shipped_index)
    assert done.returncode == 0
    tree = etree.fromstring(done.stdout.encode()).getroottree()
    rules = schema("tbx_basic.rng")
    assert rules.validate(tree), rules.error_log.last_error
    with Searcher(shipped_index) as searcher:
        terms = searcher.terms()
    space = f"{{{tbx.NAMESPACE}}}"
    found = [tuple(t.text for t in entry.iter(f"{space}term")) for entry in tree.iter(f"{space}conceptEntry")]
    assert found == [(t.kk, t.ru) for t in terms]


def test_tbx_written_is_read_again_whole(shipped_index: Path, tmp_path: Path) -> None:
    with Searcher(shipped_index) as searcher:
        terms = searcher.terms()[::50]
    file = tmp_path / "terms.tbx"
    with file.open("wb") as stream:
        assert tbx.write(terms, stream) == len(terms)
    assert tbx.read(file) == terms


EXPRESSIONS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(
    st.lists(
        st.builds(
            Term,
            EXPRESSIONS,
            EXPRESSIONS,
            st.sampled_from(sorted(DOMAINS)),
            st.sampled_from(["general", f"{LAW}/6/1/25"]),
            st.sampled_from(STATUSES),
            st.sampled_from(["", "син.: қару & <оружие>"]),
        ),
        max_size=5,
    )
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_terms_survive_tbx(tmp_path: Path, terms: list[Term]) -> None:
    file = tmp_path / "some.tbx"
    with file.open("wb") as stream:
        tbx.write(terms, stream)
    assert tbx.read(file) == terms


def test_older_tbx_with_several_terms_is_read(tmp_path: Path) -> None:
    file = tmp_path / "old.tbx"
    file.write_text(
        """<?xml version="1.0"?><martif type="TBX" xml:lang="ru"><text><body><termEntry id="x">
        <langSet xml:lang="ru-RU"><ntig><termGrp><term>оружие</term></termGrp></ntig>
        <tig><term>вооружение</term><termNote type="administrativeStatus">admittedTerm-admn-sts</termNote></tig></langSet>
        <langSet xml:lang="kaz"><tig><term>қару</term></tig></langSet>
        <langSet xml:lang="en"><tig><term>weapon</term></tig></langSet>
        </termEntry></body></text></martif>""",
        encoding="utf-8",
    )
    assert [(t.kk, t.ru, t.status) for t in tbx.read(file)] == [
        ("қару", "оружие", "preferred"),
        ("қару", "вооружение", "variant"),
    ]


def test_tbx_reads_no_other_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("құпия", encoding="utf-8")
    file = tmp_path / "bad.tbx"
    file.write_text(
        f"""<?xml version="1.0"?><!DOCTYPE tbx [<!ENTITY x SYSTEM "{secret.as_uri()}">]>
        <tbx><text><body><conceptEntry id="a"><langSec xml:lang="kk"><termSec><term>&x;қару</term></termSec></langSec>
        <langSec xml:lang="ru"><termSec><term>оружие</term></termSec></langSec></conceptEntry></body></text></tbx>""",
        encoding="utf-8",
    )
    assert [t.kk for t in tbx.read(file)] in (["қару"], ["&x;қару"])


@pytest.mark.parametrize("content", ["", "<tbx>", "<html/>", "kk\tru\n"])
def test_what_is_no_tbx_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "no.tbx"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(TermbaseError, match=r"no\.tbx"):
        tbx.read(file)


def test_exported_provisions_are_tmx(lawsearch: Run, shipped_index: Path) -> None:
    done = lawsearch("export", "--format", "tmx", index=shipped_index)
    assert done.returncode == 0
    tree = etree.fromstring(done.stdout.encode()).getroottree()
    assert tree.docinfo.system_url == "tmx14.dtd"
    rules = schema("tmx14.rng")
    assert rules.validate(tree), rules.error_log.last_error
    with Searcher(shipped_index) as searcher:
        provisions = [p for p, _, _ in searcher.provisions()]
    found = {tu.get("tuid"): {v.get(f"{XML}lang"): v.findtext("seg") for v in tu.iter("tuv")} for tu in tree.iter("tu")}
    assert found == {str(p.address): dict(p.texts) for p in provisions}
    statuses = {v.get(f"{XML}lang"): v.findtext("prop[@type='x-status']") for v in tree.iter("tuv")}
    assert statuses == {"kk": None, "ru": "unofficial"}


def test_paragraphs_of_tmx_make_up_the_provisions(lawsearch: Run, shipped_index: Path) -> None:
    done = lawsearch("export", "--format", "tmx", "--paragraphs", "--law", LAW, index=shipped_index)
    tree = etree.fromstring(done.stdout.encode())
    of_25 = [tu for tu in tree.iter("tu") if tu.get("tuid", "").startswith(f"{LAW}/11/-/25#")]
    with Searcher(shipped_index) as searcher:
        provision = searcher.store.provision_at(f"{LAW}/11/-/25")
    assert provision is not None
    for number, lang in enumerate(("kk", "ru")):
        assert "\n".join(tu[number + 1].findtext("seg") for tu in of_25) == provision.texts[lang]  # type: ignore[index]


def test_an_act_in_one_language_has_no_units(kazakh_index: Path) -> None:
    with Searcher(kazakh_index) as searcher:
        assert list(units(searcher.provisions(), searcher.store)) == []
