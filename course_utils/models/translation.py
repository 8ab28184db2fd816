"""From one sequence to another: an encoder, a decoder, and attention between them; and captions.

`Translator` reads a date in words and writes it as ISO does; `Captioner` looks at a strip of
digits and says their names. Both decoders are an LSTM that is fed its own last letter or word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.datasets import captions, dates
from course_utils.models.lending import borrowed, device_of
from course_utils.models.networks import convolution

State = tuple[Tensor, Tensor]  # h and c of an LSTM, each (1, N, H)


class Translation(NamedTuple):
    """What a translator made of one text.

    Attributes:
        words: the words that it read.
        letters: the letters that it wrote, the last one "end" if it came to its end.
        probs: the probability of each letter at each step, float32 `(S, 12)`; see `LETTER_NAMES`.
        weights: how much of its attention each word had at each step, float32 `(S, T)`, each row
            adding up to 1; None without attention.
    """

    words: list[str]
    letters: list[str]
    probs: Tensor
    weights: Tensor | None

    @property
    def text(self) -> str:
        """What was written, without the end."""
        return "".join(letter for letter in self.letters if letter != "end")


LETTER_NAMES = (*dates.LETTERS, "end")


class Translator(nn.Module):
    """An encoder and a decoder, both LSTMs, from words (N, T) to letters (N, S).

    The encoder reads all words. Its last state is where the decoder starts, which is all that the
    decoder is given without attention. With attention, the decoder's state at each letter is
    compared with the encoder's state at each word; the softmax of these products says how much of
    each word's state is mixed into what the next letter is decided from.

    Args:
        attention: whether the decoder may look back at each word.
        n_hidden: numbers in the state of encoder and decoder.
        n_embedded: numbers that stand for a word or a letter.

    Source:
        I. Sutskever, O. Vinyals, Q. V. Le: Sequence to sequence learning with neural networks,
        2014. Attention: D. Bahdanau, K. Cho, Y. Bengio, 2015; in the form of products: M.-T. Luong,
        H. Pham, C. D. Manning: Effective approaches to attention-based neural machine translation,
        2015.

    >>> model = Translator()
    >>> fit(model, ((source, fed), wanted))
    >>> model.translate(["the third of march 1987"])
    ['1987-03-03']
    """

    def __init__(self, attention: bool = True, n_hidden: int = 64, n_embedded: int = 32) -> None:
        super().__init__()
        self.attention = attention
        self.embed_words = nn.Embedding(len(dates.WORDS), n_embedded)
        self.encoder = nn.LSTM(n_embedded, n_hidden, batch_first=True)
        self.embed_letters = nn.Embedding(dates.START + 1, n_embedded)
        self.decoder = nn.LSTM(n_embedded, n_hidden, batch_first=True)
        self.mix = nn.Linear(2 * n_hidden, n_hidden) if attention else None
        self.head = nn.Linear(n_hidden, len(LETTER_NAMES))

    def forward(self, source: Tensor, fed: Tensor) -> Tensor:
        """Return logits `(N, 12, S)`, given the right letters so far.

        Args:
            source: words, int64 `(N, T)`, 0 behind the end of a text.
            fed: the letter before each that is wanted, int64 `(N, S)`, START first.
        """
        memory, state = self.encode(source)
        logits, _, _ = self.decode(fed, state, memory, source)
        return logits.transpose(1, 2)  # (N, S, 12) -> (N, 12, S)

    def encode(self, source: Tensor) -> tuple[Tensor, State]:
        """Return the encoder's state at each word, `(N, T, H)`, and its state after the last."""
        lengths = (source != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embed_words(source), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        states, last = self.encoder(packed)  # what fills up is not read
        memory, _ = nn.utils.rnn.pad_packed_sequence(
            states, batch_first=True, total_length=source.shape[1]
        )
        return memory, last

    def decode(
        self, fed: Tensor, state: State, memory: Tensor, source: Tensor
    ) -> tuple[Tensor, State, Tensor | None]:
        """Return logits `(N, S, 12)`, the state after them, and the attention `(N, S, T)`."""
        states, state = self.decoder(self.embed_letters(fed), state)  # (N, S, H)
        if self.mix is None:
            return self.head(states), state, None
        scores = states @ memory.transpose(1, 2)  # (N, S, T)
        weights = scores.masked_fill((source == 0)[:, None], -torch.inf).softmax(dim=2)
        context = weights @ memory  # (N, S, H)
        mixed = torch.tanh(self.mix(torch.cat([states, context], dim=2)))
        return self.head(mixed), state, weights

    def translate(self, texts: Sequence[str], batch_size: int = 500) -> list[str]:
        """Return what the model writes for each text, letter by letter, without the end.

        Raises:
            ValueError: a text has a word that it cannot know; see `dates.words_of`.
        """
        found = []
        for k in range(0, len(texts), batch_size):
            letters, _, _ = self._write(dates.source_tensor(texts[k : k + batch_size]))
            found += ["".join(_until_end(row)) for row in letters.tolist()]
        return found

    def explain(self, text: str) -> Translation:
        """Return what the model writes for one text, with probabilities and attention.

        Raises:
            ValueError: as `translate`.

        >>> model.explain("the third of march 1987").weights.shape
        torch.Size([11, 9])
        """
        letters, probs, weights = self._write(dates.source_tensor([text]))
        said = _until_end(letters[0].tolist())
        n = min(len(said) + 1, len(letters[0]))
        said += ["end"] * (n - len(said))
        attention = None if weights is None else weights[0, :n]
        return Translation(dates.words_of(text), said, probs[0, :n], attention)

    @torch.no_grad()
    def _write(self, source: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Write for each row of words; each letter that is chosen is fed back for the next."""
        with borrowed(self) as asked:
            device = device_of(asked)
            source = source.to(device)
            memory, state = asked.encode(source)
            fed = torch.full((len(source), 1), dates.START, device=device)
            letters, probs, weights = [], [], []
            for _ in range(dates.N_LETTERS + 1):
                logits, state, attention = asked.decode(fed, state, memory, source)
                fed = logits.argmax(2)  # (N, 1)
                letters.append(fed)
                probs.append(logits.softmax(2))
                weights.append(attention)
        attended = torch.cat(weights, dim=1).cpu() if self.attention else None
        return torch.cat(letters, dim=1).cpu(), torch.cat(probs, dim=1).cpu(), attended


def _until_end(numbers: list[int]) -> list[str]:
    stop = numbers.index(dates.END) if dates.END in numbers else len(numbers)
    return [dates.LETTERS[number] for number in numbers[:stop]]


class Caption(NamedTuple):
    """What a captioner says of one strip.

    Attributes:
        words: the words, the last one "end" if it came to its end.
        probs: the probability of each word at each step, float32 `(S, 11)`; see `WORD_NAMES`.
    """

    words: list[str]
    probs: Tensor

    @property
    def text(self) -> str:
        """What was said, without the end."""
        return " ".join(word for word in self.words if word != "end")


WORD_NAMES = (*captions.DIGIT_WORDS, "end")


class Captioner(nn.Module):
    """A convolutional encoder of strips (N, 1, 28, 84), and an LSTM that says what is on them.

    All that the LSTM is given of the picture is the state in which it starts.

    Args:
        n_hidden: numbers in the state of the LSTM.
        n_embedded: numbers that stand for a word.

    Source:
        O. Vinyals, A. Toshev, S. Bengio, D. Erhan: Show and tell: a neural image caption
        generator, 2015.

    >>> Captioner()(torch.zeros(2, 1, 28, 84), torch.full((2, 4), START)).shape
    torch.Size([2, 11, 4])
    """

    def __init__(self, n_hidden: int = 96, n_embedded: int = 16) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            *convolution(1, 16, 5, stride=2, padding=2),  # -> (N, 16, 14, 42)
            *convolution(16, 32, 3, padding=1, pool=2),  # -> (N, 32, 7, 21)
            *convolution(32, 48, 3, padding=1, pool=2),  # -> (N, 48, 3, 10)
            *convolution(48, 48, (3, 3), padding=(0, 1)),  # -> (N, 48, 1, 10)
            nn.Flatten(),
            nn.Linear(480, n_hidden),
        )
        self.embed = nn.Embedding(captions.START + 1, n_embedded)
        self.decoder = nn.LSTM(n_embedded, n_hidden, batch_first=True)
        self.head = nn.Linear(n_hidden, len(WORD_NAMES))

    def forward(self, strips: Tensor, fed: Tensor) -> Tensor:
        """Return logits `(N, 11, S)`, given the right words so far.

        Args:
            strips: float32 `(N, 1, 28, 84)` in [0, 1].
            fed: the word before each that is wanted, int64 `(N, S)`, START first.
        """
        states, _ = self.decoder(self.embed(fed), self.look(strips))
        return self.head(states).transpose(1, 2)  # (N, S, 11) -> (N, 11, S)

    def look(self, strips: Tensor) -> State:
        """Return the state in which the LSTM starts: h and c, each `(1, N, n_hidden)`."""
        seen = self.encoder(strips)[None]
        return torch.tanh(seen), seen

    def caption(self, strips: Tensor, batch_size: int = 500) -> list[str]:
        """Return a caption for each strip.

        Args:
            strips: `(N, 1, 28, 84)`, uint8 from 0 to 255 or float from 0 to 1.
            batch_size: how many at a time.
        """
        found = []
        for part in strips.split(batch_size):
            words, _ = self._say(part)
            found += [" ".join(_words(row)) for row in words.tolist()]
        return found

    def explain(self, strip: Tensor) -> Caption:
        """Return the caption of one strip `(28, 84)` or `(1, 28, 84)`, with probabilities."""
        words, probs = self._say(strip.reshape(1, 1, *captions.STRIP))
        said = _words(words[0].tolist())
        n = min(len(said) + 1, words.shape[1])
        return Caption(said + ["end"] * (n - len(said)), probs[0, :n])

    @torch.no_grad()
    def _say(self, strips: Tensor) -> tuple[Tensor, Tensor]:
        """Say words `(N, 4)` and their probabilities `(N, 4, 11)`, each fed back for the next."""
        strips = strips.float() / 255 if strips.dtype == torch.uint8 else strips.float()
        with borrowed(self) as asked:
            device = device_of(asked)
            state = asked.look(strips.to(device))
            fed = torch.full((len(strips), 1), captions.START, device=device)
            words, probs = [], []
            for _ in range(captions.MOST + 1):
                states, state = asked.decoder(asked.embed(fed), state)
                logits = asked.head(states)  # (N, 1, 11)
                fed = logits.argmax(2)
                words.append(fed)
                probs.append(logits.softmax(2))
        return torch.cat(words, dim=1).cpu(), torch.cat(probs, dim=1).cpu()


def _words(numbers: list[int]) -> list[str]:
    stop = numbers.index(captions.END) if captions.END in numbers else len(numbers)
    return [captions.DIGIT_WORDS[number] for number in numbers[:stop]]
