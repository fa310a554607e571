"""The screen as a whole: its panes, its state, and how it asks the index."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Container, Horizontal, Vertical
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Input

from lawsearch.law import Lang
from lawsearch.output.layout import Show, visible
from lawsearch.output.reading import ArticleView
from lawsearch.tui.actions import ACTIONS, is_everywhere
from lawsearch.tui.asking import AnswerError, Asking, GoneError, SupersededError
from lawsearch.tui.bars import Bar, KeyBar, QueryLine, Trail
from lawsearch.tui.charts import HitStrip, Timeline
from lawsearch.tui.history import History
from lawsearch.tui.hits import Groups, is_hit
from lawsearch.tui.keyboards import same_key
from lawsearch.tui.painting import Painter, Theme
from lawsearch.tui.questions import Answer, Contents, Opened, Spread, Wanted
from lawsearch.tui.reading import Reading
from lawsearch.tui.rows import RowList
from lawsearch.tui.texts import Texts, UiLang

if TYPE_CHECKING:
    from lawsearch.hits import Hit

_THEMES: dict[Theme, str] = {"dark": "textual-dark", "light": "textual-light", "ansi": "ansi-dark", "mono": "ansi-dark"}
#: Below so many cells the list and the text take turns; from so many on the terms stand beside the text.
NARROW, WIDE = 72, 150
#: Below so many rows the strip and the timeline would leave no room to read.
LOW = 20


@dataclass(slots=True)
class Setup:
    """What a run is started with. ``corpus``: what the index may be built from by the UI itself, where that is so;
    ``build_missing``: whether a missing index is built without asking."""

    finder: Asking
    reader: Asking
    index: Path
    texts: UiLang = "en"
    theme: Theme = "dark"
    query: str = ""
    state: Path | None = None
    show: Show | None = None
    corpus: Path | None = None
    build_missing: bool = False
    stdout_taken: bool = False


@dataclass(slots=True)
class State:
    """What is on the screen."""

    wanted: Wanted = field(default_factory=lambda: Wanted(""))
    answer: Answer | None = None
    groups: Groups = field(default_factory=Groups)
    loaded: int = 0
    complete: bool = True
    spread: Spread | None = None
    opened: Opened | None = None
    contents: dict[int, Contents] = field(default_factory=dict)
    #: Marked hits by their addresses, in the order in which they were marked.
    marked: dict[str, Hit] = field(default_factory=dict)
    back: list[tuple[int, int]] = field(default_factory=list)
    forward: list[tuple[int, int]] = field(default_factory=list)
    #: The acts whose articles the contents show.
    unfolded: set[int] = field(default_factory=set)
    show: Show | None = None
    broken: str | None = None


class Base(App[int], inherit_bindings=False):
    """The panes and what they share."""

    CSS_PATH = "style.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, setup: Setup) -> None:
        super().__init__(ansi_color=True if setup.theme in ("ansi", "mono") else None)
        self.setup = setup
        self.texts = Texts(setup.texts)
        self.painter = Painter(setup.theme)
        self.theme = _THEMES[setup.theme]
        self.state = State(show=setup.show)
        self.history = History(None if setup.state is None else setup.state / "history")
        for action in ACTIONS:
            for key in () if action.here else (name for k in action.keys for name in same_key(k)):
                way = "anywhere" if is_everywhere(key) else "letter"
                self._take_key(key, f"{way}('{action.name}')", self.texts(f"action.{action.name}"))
        self._take_key("enter", "in_query('submit')", self.texts("action.submit"))
        self._take_key("down", "in_query('newer_query')", self.texts("action.newer_query"))

    def _take_key(self, key: str, action: str, told: str) -> None:
        # Before any widget has it, and before the next key is looked at: what is typed quickly, or pasted, goes where it
        # would have gone had it been typed slowly.
        binding = Binding(key, action, told, show=False, priority=True)
        self._bindings.key_to_bindings.setdefault(key, []).append(binding)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key means what it is bound to, here: letters are typed where there is a line to type in, and a dialog has
        its keys to itself."""
        if action in ("letter", "anywhere", "in_query"):
            if len(self.screen_stack) > 1:
                return parameters == ("abort",)
            typing = isinstance(self.screen.focused, Input)
            return not typing if action == "letter" else typing if action == "in_query" else True
        return True

    async def action_letter(self, name: str) -> None:
        """Do what a letter stands for."""
        await self.run_action(name)

    async def action_anywhere(self, name: str) -> None:
        """Do what a key stands for wherever the focus is."""
        await self.run_action(name)

    async def action_in_query(self, name: str) -> None:
        """Do what a key stands for in the query line."""
        await self.run_action(name)

    def focus_on(self, widget: Widget) -> None:
        """Give a widget the focus, at once where it is on the screen, else as soon as it is."""
        self.screen_stack[0].set_focus(widget)
        if self.screen_stack[0].focused is not widget:
            widget.focus()

    def focused_on(self, widget: Widget) -> bool:
        """Whether a widget has the focus or is just getting it."""
        return bool(self.screen_stack) and self.screen_stack[0].focused is widget

    # -- the panes

    def compose(self) -> ComposeResult:
        with Horizontal(id="top"):
            prompt = Bar(self.painter, id="prompt")
            prompt.left = [(" ❯ ", "citation")]
            yield prompt
            yield QueryLine(self.history, self.texts("query_placeholder"), self.setup.query, id="query")
        yield Bar(self.painter, id="status")
        with Horizontal(id="middle"):
            with Vertical(id="side"):
                yield RowList(self.painter, id="hits")
                yield RowList(self.painter, id="contents")
            with Vertical(id="right"):
                yield Trail(self.painter, id="trail")
                with Container(id="body"):
                    yield Reading(self.painter, id="reading")
                    with Vertical(id="term-box"):
                        title = Bar(self.painter, id="term-title")
                        title.left = [(f" {self.texts('terms')}", "heading")]
                        yield title
                        yield RowList(self.painter, id="terms")
        yield HitStrip(self.painter, id="strip")
        yield Timeline(self.painter, self.texts, id="timeline")
        yield KeyBar(self.painter, self.texts, id="keys")

    @property
    def query_line(self) -> QueryLine:
        """The query line."""
        return self.screen_stack[0].query_one("#query", QueryLine)

    @property
    def hit_list(self) -> RowList:
        """The hits."""
        return self.screen_stack[0].query_one("#hits", RowList)

    @property
    def contents_list(self) -> RowList:
        """The contents of the acts."""
        return self.screen_stack[0].query_one("#contents", RowList)

    @property
    def term_list(self) -> RowList:
        """The terms in the passage."""
        return self.screen_stack[0].query_one("#terms", RowList)

    @property
    def reading(self) -> Reading:
        """The text."""
        return self.screen_stack[0].query_one(Reading)

    def pane(self, name: str) -> Any:
        """A pane by its id."""
        return self.screen_stack[0].query_one(f"#{name}")

    def bar(self, name: str) -> Bar:
        """A bar by its id."""
        return self.screen_stack[0].query_one(f"#{name}", Bar)

    def shown(self, name: str) -> bool:
        """Whether a pane is on the screen."""
        return not self.pane(name).has_class("hidden")

    def set_shown(self, name: str, shown: bool) -> None:
        """Put a pane on the screen or take it off."""
        self.pane(name).set_class(not shown, "hidden")

    def on_resize(self, event: Resize) -> None:
        self.arrange(event.size.width, event.size.height)

    def arrange(self, width: int, height: int) -> None:
        """Fit the panes to a terminal's size."""
        screen = self.screen_stack[0]
        screen.set_class(width < NARROW, "narrow")
        screen.set_class(width >= WIDE, "wide")
        low = height < LOW
        if low != self._low:
            self._low = low
            self.set_shown("strip", not low)
            self.set_shown("timeline", not low)

    _low: bool | None = None

    # -- the languages

    @property
    def lang(self) -> Lang:
        """The language that citations and titles are given in: that of the text shown, the UI's where it is both."""
        show = self.show_wanted
        if show != "both":
            return show
        if self.setup.texts in ("kk", "ru"):
            return self.setup.texts
        return self.state.answer.results.lang if self.state.answer is not None else "ru"

    @property
    def show_wanted(self) -> Show:
        """The languages shown: those asked for, else the query's."""
        if self.state.show is not None:
            return self.state.show
        return self.state.answer.results.lang if self.state.answer is not None else ("kk" if self.setup.texts == "kk" else "ru")

    # -- asking

    async def ask_finder(self, what: str, **arguments: Any) -> Any:
        """Ask what searches; None where it was given up or went wrong, which is then said on the screen."""
        return await self._asked(self.setup.finder, what, arguments)

    async def ask_reader(self, what: str, **arguments: Any) -> Any:
        """Ask what reads: it never waits for a search."""
        return await self._asked(self.setup.reader, what, arguments)

    async def _asked(self, whom: Asking, what: str, arguments: dict[str, Any], *, again: bool = True) -> Any:
        try:
            return await whom.ask(what, **arguments)
        except SupersededError:
            return None
        except GoneError:
            # It ran out of memory, or someone ended it: a fresh one takes its place once.
            self.tell(self.texts("restarted"), "error")
            return await self._asked(whom, what, arguments, again=False) if again else None
        except AnswerError as error:
            self.answer_failed(error)
            return None

    def answer_failed(self, error: AnswerError) -> None:
        """Say what went wrong; the screen stays as it was."""
        self.tell(visible(str(error)), "error")

    def _fatal_error(self) -> None:
        # Textual's own prints a traceback with the values of all variables. `start` says it in a line and keeps the rest in
        # a file; what was marked is printed all the same.
        self._close_messages_no_wait()

    @property
    def fault(self) -> BaseException | None:
        """A fault of the program itself that ended it."""
        return self._exception

    # -- saying

    def tell(self, text: str, style: str = "note") -> None:
        """Say something in the status line until something else is said there."""
        self._told = (visible(text), style)
        self.show_status()

    _told: tuple[str, str] | None = None

    def show_status(self) -> None:
        """Draw the status line anew."""
        if not self.is_running or not self.screen_stack:
            return
        state = self.state
        left: list[tuple[str, str]] = [(" ", "")]
        if self._told is not None:
            left.append(self._told)
        elif state.answer is not None and state.wanted.text.strip():
            left += self._result_words(state.answer)
        right: list[tuple[str, str]] = []
        if told := self.filter_words():
            right.append((self.texts("filters_on", told) + "  ", "repealed"))
        if state.marked:
            right.append((self.texts("marked", len(state.marked)) + "  ", "mark"))
        show = self.texts(f"lang_{self.show_wanted}")
        right.append((f"{show} ", "act"))
        self.bar("status").say(left, right)

    def _result_words(self, answer: Answer) -> list[tuple[str, str]]:
        results = answer.results
        total = results.total if self.state.spread is None else max(results.total, self.state.spread.total)
        if not total:
            words = [(self.texts("absent" if results.absent else "nothing") + " ", "repealed")]
        else:
            place = self.place_in_result()
            words = [(self.texts("found_of", place, total) if place else str(total), "rank"), ("  ", "")]
        scope = {"any word": "relaxed", "article": "article_scope", "weaker senses": "weaker_scope", "citation": "cited_scope"}
        if results.absent and total:
            words.append((self.texts("absent") + "  ", "note"))
        elif results.scope in scope:
            words.append((self.texts(scope[results.scope]) + "  ", "note"))
        if answer.text != answer.wanted.text:
            words.append((visible(answer.text) + "  ", "term"))
        for mended in results.mended[:2]:
            words.append((self.texts("taken_for", visible(mended.typed), visible(mended.taken)) + "  ", "term"))
        for meant in results.suggested[:1]:
            words.append((self.texts("meant", visible(meant.typed), visible(", ".join(meant.words))) + "  ", "term"))
        if not total and not results.absent:
            words.append((self.texts("nothing_hint"), "context"))
        return words

    def place_in_result(self) -> int:
        """The place of the hit under the cursor in the list as it is shown, from 1; 0 where it is none."""
        value = self.hit_list.value
        if not is_hit(value):
            return 0
        place = 0
        for _, hits in self.state.groups:
            for hit in hits:
                place += 1
                if hit is value:
                    return place
        return 0

    def filter_words(self) -> str:
        """The filters that are on, in short."""
        wanted = self.state.wanted
        words = []
        if wanted.status is not None:
            words.append(self.texts(f"dialog.status_{wanted.status}"))
        if wanted.laws:
            words.append(
                visible(", ".join(wanted.laws))
                if len(wanted.laws) < 3
                else f"{len(wanted.laws)} {self.texts('dialog.acts').lower()}"
            )
        if wanted.chapters:
            words.append(self.texts("chapter", ", ".join(wanted.chapters)))
        return " · ".join(words)

    def with_filters(self, **changes: Any) -> Wanted:
        """The query at hand with other filters."""
        return replace(self.state.wanted, **changes)

    def later(self, work: Callable[[], Awaitable[Any]], group: str) -> None:
        """Run a coroutine beside the screen; a newer one of its group takes its place."""
        self.run_worker(work, group=group, exclusive=True, exit_on_error=True)

    @property
    def view(self) -> ArticleView | None:
        """The article that is open."""
        return self.reading.view
