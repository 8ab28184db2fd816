"""Exercises and quizzes of the lessons.

`check("01.update", update)` judges a learner's answer, `quiz("01")` shows a lesson's questions.
The exercises of lesson NN stand in `lessonNN.py`.
"""

from __future__ import annotations

import importlib

from course_utils.display import escape, publish
from course_utils.exercises.clean import clean_room
from course_utils.exercises.engine import Exercise, Verdict, examine
from course_utils.exercises.quiz import show_quiz

__all__ = ["check", "find_exercise", "quiz"]

LOOKS = {
    "open": ("○ Not attempted yet", "#8a8f98"),
    "wrong": ("✘ Not yet", "#D55E00"),
    "right": ("✔ Right", "#009E73"),
}
STEPS = ("a nudge", "the rule", "almost the answer")


def check(name: str, answer: object) -> None:
    """Judge an answer to an exercise and say why.

    Args:
        name: lesson and exercise, for example "01.update".
        answer: the learner's function or value.

    Raises:
        ValueError: there is no such exercise.
    """
    exercise = find_exercise(name)
    verdict = examine(exercise, answer)
    publish(_text(exercise, verdict), html=_html(exercise, verdict))


def quiz(lesson: str) -> None:
    """Show the questions of a lesson, for example quiz("01")."""
    show_quiz(_lesson(lesson).QUIZ)


def find_exercise(name: str) -> Exercise:
    """Return the exercise called "NN.name"; ValueError with the known names if there is none."""
    if not isinstance(name, str):
        raise ValueError('name the exercise first, then the answer: check("01.update", update)')
    lesson, _, short = name.partition(".")
    exercises = _lesson(lesson).EXERCISES
    if short not in exercises:
        known = ", ".join(f"{lesson}.{key}" for key in exercises)
        raise ValueError(f"there is no exercise {name!r}; lesson {lesson} has: {known}")
    return exercises[short]


def _lesson(lesson: str) -> object:
    try:
        with clean_room():  # the tensors of its tables are made under PyTorch's own settings
            return importlib.import_module(f"course_utils.exercises.lesson{lesson}")
    except ModuleNotFoundError as error:
        if not str(error.name).endswith(f"lesson{lesson}"):
            raise
        raise ValueError(
            f"there is no lesson {lesson!r} with exercises; write two digits, as in '01'"
        ) from error


def _text(exercise: Exercise, verdict: Verdict) -> str:
    """Return what the verdict says in plain text; hints stay folded in the page, so not here."""
    said = [f"{LOOKS[verdict.status][0]}: {exercise.title}", verdict.message]
    if verdict.mistake:
        said.append(verdict.mistake.hint)
    return "\n".join(said)


def _html(exercise: Exercise, verdict: Verdict) -> str:
    """Return the verdict as a card; hints are folded, so that each is asked for."""
    mark, colour = LOOKS[verdict.status]
    message = escape(verdict.message)
    said = f"<b>{mark}: {escape(exercise.title)}</b>"
    said += (
        f"<pre style='white-space:pre-wrap;margin:6px 0'>{message}</pre>"
        if verdict.status == "wrong"
        else f"<div>{message}</div>"
    )
    if verdict.mistake:
        said += f"<div><b>It looks like this:</b> {escape(verdict.mistake.hint)}</div>"
    if verdict.status != "right":
        said += "".join(
            f"<details><summary>Hint {number}: {step}</summary>{escape(hint)}</details>"
            for number, (step, hint) in enumerate(zip(STEPS, exercise.hints, strict=True), 1)
        )
    return (
        f"<div style='border-left:6px solid {colour};padding:4px 12px;font-size:16px;"
        f"line-height:1.45'>{said}</div>"
    )
