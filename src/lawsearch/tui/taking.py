"""Taking along: copying, exporting, a pager."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

from lawsearch.law import LANGS, Lang
from lawsearch.output.layout import visible
from lawsearch.output.reading import Passage, as_text, shown_languages
from lawsearch.tui import clipboard
from lawsearch.tui.dialogs import Saving
from lawsearch.tui.rows import Row
from lawsearch.tui.travelling import Travelling

_PAGER = "less -R"


class Taking(Travelling):
    """What the user takes along."""

    def _passage(self) -> Passage | None:
        view = self.view
        if view is None or not view.passages:
            self.tell(self.texts("no_hit"))
            return None
        return view.passages[self.reading.passage or 0]

    def action_copy_citation(self) -> None:
        """Copy the citation of the passage in view."""
        passage = self._passage()
        if passage is not None:
            self._copy(self._cited(passage, self.lang))

    def action_copy_passage(self) -> None:
        """Copy the passage, in the languages shown, with its citation."""
        passage = self._passage()
        if passage is not None and self.view is not None:
            self._copy(self._quoted(passage, shown_languages(self.view, self.show_wanted)))

    def action_copy_both(self) -> None:
        """Copy the passage in both languages."""
        passage = self._passage()
        if passage is not None:
            self._copy(self._quoted(passage, LANGS))

    def _cited(self, passage: Passage, lang: Lang) -> str:
        """A passage's citation with its act, as lawyers put it into a text."""
        assert self.view is not None
        act = self.view.act
        source = passage.source(lang)
        title = act.title.get(lang) or next(iter(act.title.values()), act.law)
        place = source.address.citation(lang) or str(source.address)
        requisite = act.meta.get("requisite")
        named = requisite.get(lang) if isinstance(requisite, dict) else None
        whole = f"{named} «{title}»" if isinstance(named, str) else f"«{title}»" if lang in act.title else title
        return visible(f"{place} — {whole}" if lang == "ru" else f"{whole}, {place}")

    def _quoted(self, passage: Passage, langs: tuple[Lang, ...]) -> str:
        parts = []
        for lang in langs:
            text = passage.text(lang)
            if text is not None:
                label = passage.source(lang).labels.get(lang, "")
                parts.append(visible(f"{label} {text}".strip()) + f"\n({self._cited(passage, lang)})")
        return "\n\n".join(parts)

    def _copy(self, text: str) -> None:
        """To the terminal by OSC 52, by the system's own command, and into a file."""
        self.copy_to_clipboard(text)
        clipboard.by_command(text)
        told = self.texts("copied", " ".join(text.split())[:60])
        if self.setup.state is not None:
            file = clipboard.kept(text, self.setup.state)
            if file is not None:
                told += f" · {self.texts('copied_also', _short(file))}"
        self.tell(told)

    # -- exporting

    async def action_export(self) -> None:
        """Write the whole result to a file."""
        answer = self.state.answer
        if answer is None or not answer.results.total:
            self.tell(self.texts("nothing"))
            return
        rows = [Row(([(self.texts(f"dialog.{kind}"), "")],), kind) for kind in ("jsonl", "csv", "tmx")]
        name = re.sub(r"[^\w-]+", "-", answer.wanted.text.strip())[:40].strip("-") or "lawsearch"
        dialog = Saving(
            self.painter,
            self.texts("dialog.export"),
            lambda typed: rows,
            placeholder="",
            value=_free(Path(f"{name}.jsonl")),
            foot=self.texts("dialog.export_foot"),
        )
        await self.push_screen(dialog, self._export_to)

    def _export_to(self, chosen: tuple[str, str] | None) -> None:
        if chosen is not None:
            self.later(partial(self._export, *chosen), "export")

    async def _export(self, kind: str, name: str) -> None:
        answer = self.state.answer
        if answer is None:
            return
        self.tell(self.texts("exporting", name))
        # Relative to where the program was started, whoever writes it.
        file = str(Path(name).expanduser().absolute())
        count = await self.ask_finder("export", wanted=answer.wanted, text=answer.text, kind=kind, file=file)
        if count is not None:
            self.tell(self.texts("exported_units" if kind == "tmx" else "exported", count, _short(Path(file))))

    # -- a pager

    def action_pager(self) -> None:
        """Show the article in the user's pager."""
        view = self.view
        if view is None:
            self.tell(self.texts("no_hit"))
            return
        words = shlex.split(os.environ.get("PAGER") or _PAGER)
        if not words or shutil.which(words[0]) is None:
            words = next(([p] for p in ("less", "more") if shutil.which(p)), words or ["less"])
        text = "\n".join(as_text(view, self.show_wanted))
        problem = ""
        with self.suspend():
            try:
                terminal = sys.__stderr__ if sys.__stderr__ is not None and sys.__stderr__.isatty() else None
                subprocess.run(words, input=text.encode(), stdout=terminal, check=False)
            except (OSError, subprocess.SubprocessError) as error:
                problem = str(getattr(error, "strerror", None) or error)
        if problem:
            self.tell(self.texts("no_pager", words[0], problem), "error")


def _short(file: Path) -> str:
    """A path as people write it."""
    try:
        return f"~/{file.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(file)


def _free(file: Path) -> str:
    """A file's name that is not taken yet."""
    number = 1
    free = file
    while free.exists():
        number += 1
        free = file.with_stem(f"{file.stem}-{number}")
    return str(free)
