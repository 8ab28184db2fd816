"""The drawing pad: a digit is drawn in the page, models read it while it grows."""

from course_utils.canvas.widget import DigitPad

__all__ = ["DigitPad"]
