"""The alignment explorer of lesson 09 and its still figure."""

import pytest
import torch

from course_utils.explorers.translation import alignment_explorer
from course_utils.figures import draw_choices, figure, plot_alignment
from course_utils.models import load_pretrained
from course_utils.models.translation import LETTER_NAMES, Translator


@pytest.fixture(scope="module")
def translator():
    return load_pretrained("translator", "cpu")


def touch(explorer, x, y):
    """Touch the explorer's picture at a point of its first axes."""
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi
    place = explorer.figure.axes[0].transData.transform((x, y))
    explorer.picture.point = [place[0] / width, 1 - place[1] / height]


def test_the_sentence_tells_the_letter_and_the_word_that_it_comes_from(translator):
    explorer = alignment_explorer(translator, letter=3)
    found = translator.explain(explorer.values["text"])
    share = round(100 * found.weights[2].max().item())
    assert "It writes 1987-03-03. Letter 3 is “8” with 100%" in explorer.says.value
    assert f"looks most at “eighty” ({share}% of its attention)" in explorer.says.value


def test_letters_that_are_not_yet_written_are_not_yet_shown(translator):
    explorer = alignment_explorer(translator, letter=4)
    left = explorer.figure.axes[0]
    assert left.images[0].get_array().shape == (9, 4)
    below = [text.get_text() for text in left.texts if text.get_position()[1] < 0]
    assert "".join(below) == "1987"
    assert "so far: 1987" in explorer.text


def test_touching_a_column_chooses_its_letter(translator):
    explorer = alignment_explorer(translator)
    touch(explorer, 5.2, 3)
    assert explorer.values["letter"] == 6
    touch(explorer, 10, 0)
    assert explorer.values["letter"] == 11
    assert "Letter 11 is the end" in explorer.says.value


def test_another_date_changes_the_picture_and_the_answer(translator):
    explorer = alignment_explorer(translator)
    before = explorer.picture.png
    explorer.set(text="26.11.2031")
    assert explorer.picture.png != before
    assert "It writes 2031-11-26." in explorer.says.value


def test_a_word_that_is_not_known_leaves_the_last_date_and_says_why(translator):
    explorer = alignment_explorer(translator)
    explorer.set(text="march the thrid 1987")
    assert "did you mean &#x27;third&#x27;?" in explorer.says.value
    assert "The picture is of “tuesday , the third" in explorer.says.value
    assert "It writes 1987-03-03." in explorer.says.value
    explorer.set(text="march the third 1988")
    assert explorer.says.value.startswith("It writes 1988-03-03.")


def test_of_several_models_one_is_chosen_also_one_without_attention(translator):
    torch.manual_seed(0)
    both = {"with attention": translator, "without": Translator(attention=False)}
    explorer = alignment_explorer(both)
    assert "looks most at" in explorer.says.value
    explorer.set(name="without")
    assert "looks most at" not in explorer.says.value
    assert not explorer.figure.axes[0].images
    said = [text.get_text() for text in explorer.figure.axes[0].texts]
    assert any("no attention" in words for words in said)


def test_an_unreadable_first_text_is_refused(translator):
    with pytest.raises(ValueError, match="the word 'soon'"):
        alignment_explorer(translator, "soon")


def test_the_still_figure_says_what_became_of_the_text(translator, capsys):
    plot_alignment(translator, "may 5 1905")
    said = capsys.readouterr().out
    assert "“may 5 1905” became 1905-05-05." in said
    assert "picture of 6 × 11" in said
    with pytest.raises(ValueError, match="no attention to show"):
        plot_alignment(Translator(attention=False))


def test_the_likeliest_choice_has_the_longest_and_only_blue_bar():
    _, ax = figure()
    probs = torch.arange(12.0).softmax(0)
    draw_choices(ax, LETTER_NAMES, probs, "letter 1")
    widths = [bar.get_width() for bar in ax.patches]
    colours = [bar.get_facecolor() for bar in ax.patches]
    assert max(widths) == widths[11] == pytest.approx(100 * probs[11].item())
    assert colours.count(colours[11]) == 1
