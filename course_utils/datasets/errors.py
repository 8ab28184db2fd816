"""The one error that everything about data raises."""

from __future__ import annotations

import os


class DatasetError(ValueError):
    """Data that cannot be used: which file, why, and what to do.

    Args:
        file: the file, folder or address that it is about.
        cause: what is wrong with it, as a clause without a full stop.
        remedy: what the reader can do, as one or more sentences.

    Example:
        >>> print(DatasetError("digits.gz", "is empty", "Copy it again."))
        digits.gz: is empty. Copy it again.
    """

    def __init__(self, file: str | os.PathLike[str], cause: str, remedy: str) -> None:
        super().__init__(file, cause, remedy)
        self.file, self.cause, self.remedy = file, cause, remedy

    def __str__(self) -> str:
        # A file name need not be valid Unicode, a message that is printed has to be.
        name = str(self.file).encode("utf-8", "backslashreplace").decode("utf-8")
        return f"{name}: {self.cause}. {self.remedy}"
