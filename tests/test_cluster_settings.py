"""Where a cluster is and who we are there; what a document looks like there. No cluster is needed for these."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawsearch.engine.inverted import Inverter
from lawsearch.engine.opensearch import encoding
from lawsearch.engine.opensearch.settings import Settings, settings
from lawsearch.errors import LawsearchError

URL = "https://search.example:9200"


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No settings but those of the test, which may write ``lawsearch.toml``."""
    for name in (
        "URL",
        "ALIAS",
        "USER",
        "PASSWORD",
        "PASSWORD_FILE",
        "API_KEY",
        "API_KEY_FILE",
        "SHARDS",
        "VERIFY_CERTS",
        "TIMEOUT",
    ):
        monkeypatch.delenv(f"LAWSEARCH_OPENSEARCH_{name}", raising=False)
    monkeypatch.delenv("LAWSEARCH_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "lawsearch").mkdir()
    return tmp_path / "lawsearch" / "lawsearch.toml"


def test_an_option_goes_before_the_environment_and_that_before_the_file(
    nothing_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_set.write_text(
        '[opensearch]\nurl = ["https://a:1", "https://b:1"]\nalias = "of-file"\nshards = 4\n', encoding="utf-8"
    )
    assert settings() == Settings(urls=("https://a:1", "https://b:1"), alias="of-file", shards=4)
    monkeypatch.setenv("LAWSEARCH_OPENSEARCH_URL", "https://c:1, https://d:1/")
    monkeypatch.setenv("LAWSEARCH_OPENSEARCH_SHARDS", "3")
    assert settings() == Settings(urls=("https://c:1", "https://d:1"), alias="of-file", shards=3)
    assert settings({"url": [URL], "alias": "given", "shards": 2}) == Settings(urls=(URL,), alias="given", shards=2)


def test_certificates_are_checked_unless_it_is_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings({"url": URL}).verify_certs
    monkeypatch.setenv("LAWSEARCH_OPENSEARCH_VERIFY_CERTS", "false")
    assert not settings({"url": URL}).verify_certs


def test_secrets_come_from_the_environment_or_from_files_and_are_not_shown(
    nothing_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text("geheim\n", encoding="utf-8")
    nothing_set.write_text(f'[opensearch]\nurl = "{URL}"\nuser = "lawyer"\npassword_file = "{file}"\n', encoding="utf-8")
    chosen = settings()
    assert (chosen.user, chosen.password) == ("lawyer", "geheim")
    assert "geheim" not in repr(chosen)
    assert chosen.without_secrets().password is None
    assert chosen.without_secrets().with_secrets() == chosen
    monkeypatch.setenv("LAWSEARCH_OPENSEARCH_PASSWORD", "other")
    assert settings().password == "other"
    monkeypatch.setenv("LAWSEARCH_OPENSEARCH_API_KEY_FILE", str(file))
    assert settings().api_key == "geheim"


@pytest.mark.parametrize(
    ("given_settings", "said"),
    [
        ({}, "--url"),
        ({"url": "search.example"}, "no address"),
        ({"url": "ftp://search.example"}, "no address"),
        ({"url": "https://:9200"}, "no address"),
        ({"url": "https://x:port"}, "no address"),
        ({"url": [URL, ""]}, "no address"),
        ({"url": URL, "alias": "Заңдар"}, "lower-case"),
        ({"url": URL, "alias": "a*"}, "lower-case"),
        ({"url": URL, "shards": 0}, "at least 1"),
        ({"url": URL, "timeout": "soon"}, "a number"),
    ],
)
def test_settings_that_make_no_sense_are_told(given_settings: dict[str, object], said: str) -> None:
    with pytest.raises(LawsearchError, match=said):
        settings(given_settings)


def test_no_error_repeats_a_secret(nothing_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LawsearchError) as told:
        settings({"url": "https://lawyer:geheim@search.example"})
    assert "geheim" not in str(told.value)
    nothing_set.write_text('[opensearch]\npassword = "geheim\n', encoding="utf-8")
    with pytest.raises(LawsearchError, match="not TOML") as told:
        settings({"url": URL})
    assert "geheim" not in str(told.value)
    nothing_set.write_text('[opensearch]\npasword = "geheim"\n', encoding="utf-8")
    with pytest.raises(LawsearchError, match="no setting 'pasword'") as told:
        settings({"url": URL})
    assert "geheim" not in str(told.value)
    nothing_set.write_text("", encoding="utf-8")
    monkeypatch.setenv("LAWSEARCH_OPENSEARCH_API_KEY", "geheim")
    with pytest.raises(LawsearchError, match="unencrypted") as told:
        settings({"url": "http://search.example:9200"})
    assert "geheim" not in str(told.value)
    assert settings({"url": "http://127.0.0.1:9200"}).api_key == "geheim"


def test_a_folder_of_someone_else_names_no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lawsearch.toml").write_text(f'[opensearch]\nurl = "{URL}"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LawsearchError, match="no address of a cluster"):
        settings()


words = st.text("ab|\\ =қі\u2003\u00a0\x1f\n\ud800", min_size=1, max_size=6) | st.sampled_from(
    ["a|b", "a b", "\\", "=", "=қару", "x" * 500, "\ud800"]
)
fields = st.lists(st.tuples(words, st.integers(0, 30)), max_size=12)


@given(documents=st.lists(st.fixed_dictionaries({"kk": fields, "via_ru": fields}), max_size=4))
def test_a_text_holds_the_keys_at_their_positions(documents: list[dict[str, list[tuple[str, int]]]]) -> None:
    inverter = Inverter()
    for document in documents:
        inverter.add(document)
    texts = list(encoding.documents(inverter.inverted()))
    assert len(texts) == len(documents)
    for document, text in zip(documents, texts, strict=True):
        for name, pairs in document.items():
            assert encoding.length(text.get(name, "")) == len({position for _, position in pairs})
            for key in {key for key, _ in pairs}:
                expected = sorted({position for its, position in pairs if its == key})
                assert encoding.positions(text[name], encoding.filed(key)) == expected


@given(key=words)
def test_a_key_is_filed_as_one_token(key: str) -> None:
    filed = encoding.filed(key)
    assert filed.split() == [filed]
    assert "|" not in filed
    assert filed != "\\"
    assert len(filed) <= 300
    filed.encode()


def test_a_checksum_knows_the_number_and_every_field() -> None:
    some = {"kk": "a b", "ru": "c"}
    assert (
        len(
            {
                encoding.checksum(1, some),
                encoding.checksum(2, some),
                encoding.checksum(1, {"kk": "a b", "ru": "d"}),
                encoding.checksum(1, {"kk": "a b c"}),
            }
        )
        == 4
    )
