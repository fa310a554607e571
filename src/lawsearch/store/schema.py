"""The tables of the store, as SQLite is told of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import lru_cache

TABLES = """
CREATE TABLE acts (id INTEGER PRIMARY KEY, law TEXT UNIQUE NOT NULL, data TEXT NOT NULL);
CREATE TABLE articles (id INTEGER PRIMARY KEY, act INTEGER NOT NULL, number TEXT, first INTEGER NOT NULL,
                       last INTEGER NOT NULL, chapter TEXT, data TEXT NOT NULL);
CREATE TABLE provisions (id INTEGER PRIMARY KEY, article INTEGER NOT NULL, address TEXT NOT NULL,
                         status TEXT NOT NULL, langs TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE act_keys (key TEXT NOT NULL, act INTEGER NOT NULL, PRIMARY KEY (key, act)) WITHOUT ROWID;
CREATE TABLE changes (law TEXT NOT NULL, date TEXT, provision INTEGER NOT NULL);
CREATE TABLE refs (provision INTEGER NOT NULL, lang TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
                   target TEXT NOT NULL, act INTEGER NOT NULL);
CREATE TABLE words (lang TEXT NOT NULL, form TEXT NOT NULL, keys TEXT NOT NULL, uses INTEGER NOT NULL,
                    skeleton TEXT, mirror TEXT, PRIMARY KEY (lang, form)) WITHOUT ROWID;
CREATE TABLE stems (lang TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (lang, key)) WITHOUT ROWID;
CREATE TABLE terms (id INTEGER PRIMARY KEY, kk TEXT, ru TEXT, domain TEXT, source TEXT, status TEXT, note TEXT,
                    kk_keys TEXT NOT NULL, ru_keys TEXT NOT NULL);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

INDEXES = """
CREATE INDEX provisions_by_address ON provisions (address);
CREATE INDEX act_keys_by_act ON act_keys (act);
CREATE INDEX words_by_skeleton ON words (skeleton);
CREATE INDEX words_by_mirror ON words (mirror);
CREATE INDEX changes_by_law ON changes (law);
CREATE INDEX changes_by_date ON changes (date);
CREATE INDEX refs_from ON refs (provision);
CREATE INDEX refs_to ON refs (act, target);
CREATE INDEX articles_by_chapter ON articles (chapter);
CREATE INDEX articles_by_act ON articles (act, id, number, first, last);
CREATE INDEX articles_by_number ON articles (number, id, act, first, last);
"""


@lru_cache(maxsize=1)
def schema() -> set[tuple[str, str, str]]:
    """The type, name and text of every table and index as SQLite keeps them."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(TABLES + INDEXES)
        return set(db.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall())
