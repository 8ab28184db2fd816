"""Multiple-choice questions with feedback for every answer, without a network.

Built on ipywidgets' radio buttons, so it follows the page's theme, works from the keyboard, and
leaves a readable still in the notebook.
"""

from __future__ import annotations

from dataclasses import dataclass

import ipywidgets as widgets

from course_utils.cells import hold
from course_utils.display import escape, publish

STYLE = """
.course-quiz .widget-radio-box { max-width: 900px; }
.course-quiz .widget-radio-box label {
  font-size: 16px; line-height: 1.5; height: auto; white-space: normal;
}
"""


@dataclass(frozen=True)
class Question:
    """One question.

    Args:
        text: the question.
        right: the right answer and what to say when it is chosen.
        wrong: wrong answers, each with what to say; at least two.
        place: where the right answer stands among the answers, from 0.
    """

    text: str
    right: tuple[str, str]
    wrong: tuple[tuple[str, str], ...]
    place: int = 0

    @property
    def answers(self) -> list[tuple[str, str]]:
        """All answers in the order shown, each with its feedback."""
        answers = list(self.wrong)
        answers.insert(self.place, self.right)
        return answers


def show_quiz(questions: list[Question]) -> None:
    """Show questions: live radio buttons while the kernel runs, a list in the stored notebook."""
    text = "\n".join(_lines(number, question) for number, question in enumerate(questions, 1))
    html = "".join(_still(number, question) for number, question in enumerate(questions, 1))
    live = [_live(number, question) for number, question in enumerate(questions, 1)]
    whole = widgets.VBox([widgets.HTML(f"<style>{STYLE}</style>"), *live])
    whole.add_class("course-quiz")
    hold(whole)
    publish(text, html=html, widget=whole)


def _lines(number: int, question: Question) -> str:
    answers = "".join(f"\n   ( ) {answer}" for answer, _ in question.answers)
    return f"{number}. {question.text}{answers}"


def _still(number: int, question: Question) -> str:
    answers = "".join(f"<li>{escape(answer)}</li>" for answer, _ in question.answers)
    return f"<p><b>{number}. {escape(question.text)}</b></p><ul>{answers}</ul>"


def _live(number: int, question: Question) -> widgets.Widget:
    """Return one question with radio buttons and a line of feedback beneath."""
    asked = widgets.HTML(
        f"<div style='font-size:17px;line-height:1.4;margin-top:12px'>"
        f"<b>{number}. {escape(question.text)}</b></div>"
    )
    buttons = widgets.RadioButtons(
        options=[answer for answer, _ in question.answers],
        value=None,
        layout=widgets.Layout(width="auto"),
    )
    feedback = widgets.HTML()

    def answered(change: dict) -> None:
        if change["new"] is None:  # the choice was taken back
            feedback.value = ""
            return
        says = dict(question.answers)[change["new"]]
        right = change["new"] == question.right[0]
        mark, colour = ("✔ Right.", "#009E73") if right else ("✘ Not quite.", "#D55E00")
        feedback.value = (
            f"<div role='status' style='border-left:6px solid {colour};padding:2px 10px;"
            f"font-size:16px;line-height:1.4'><b>{mark}</b> {escape(says)}</div>"
        )

    buttons.observe(answered, names="value")
    return widgets.VBox([asked, buttons, feedback])
