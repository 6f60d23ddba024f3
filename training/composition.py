"""Makes many texts of few: attacks in carriers, deep in long documents, with slips of the pen; their twins alike."""

import re
import unicodedata
from dataclasses import replace

from texts import Carriers

KEYBOARD = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
NEIGHBOURS = {c: row[max(0, i - 1) : i] + row[i + 1 : i + 2] for row in KEYBOARD for i, c in enumerate(row)}


def typo(word, rng):
    at = rng.randrange(1, len(word))
    match rng.randrange(4):
        case 0:
            return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
        case 1:
            return word[:at] + word[at + 1 :]
        case 2:
            return word[:at] + word[at] + word[at:]
        case _:
            return word[:at] + rng.choice(NEIGHBOURS.get(word[at].lower(), word[at]) or word[at]) + word[at + 1 :]


def with_typos(text, rng):
    rate = rng.choice([0.15, 0.3, 0.5])
    return re.sub(r"[^\W\d_]{4,}", lambda m: typo(m[0], rng) if rng.random() < rate else m[0], text)


def with_split_words(text, rng):
    gap = rng.choice([" ", "-", "\n", "-\n", ". ", " "])
    rate = rng.choice([0.3, 0.6, 1.0])

    def split(match):
        word = match[0]
        at = rng.randrange(2, len(word) - 1)
        return word[:at] + gap + word[at:] if rng.random() < rate else word

    return re.sub(r"[^\W\d_]{5,}", split, text)


def without_diacritics(text, _):
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn").lower()


def without_punctuation(text, _):
    return re.sub(r"[.,;:!?¿¡]", "", text).lower()


SLIPS = [with_typos, with_typos, with_split_words, with_split_words, without_punctuation]


def slipped(text, rng):
    return rng.choice(SLIPS)(text, rng)


def in_carrier(text, carriers, rng):
    return rng.choice(carriers.frames).replace("{}", text)


def in_document(text, backgrounds, rng, size):
    """`text` somewhere in a document of about `size` characters."""
    parts, length = [], 0
    while length < size:
        part = rng.choice(backgrounds)[:4000]
        parts += part.split("\n\n")
        length += len(part)
    parts.insert(rng.randrange(len(parts) + 1), text)
    return rng.choice(["\n", "\n\n", " "]).join(parts)


def among_others(text, backgrounds, rng):
    """`text` between words of other texts, as a window into a long document shows it."""
    before = rng.choice(backgrounds)[:2000].split()
    after = rng.choice(backgrounds)[:2000].split()
    before = before[max(0, len(before) - rng.randrange(50)) :]
    return rng.choice([" ", "\n"]).join([" ".join(before), text, " ".join(after[: rng.randrange(50)])])


def composed(texts, carriers, backgrounds, rng):
    """The texts and what is made of them."""
    made = []
    for text in texts:
        made.append(text)
        own = carriers.get(text.lang) or carriers.get("en") or Carriers([], [])

        def add(words, weight=1.0, is_same=False):
            made.append(replace(text, text=words, weight=text.weight * weight, is_whole=is_same))  # noqa: B023

        if text.source == "corpus":
            slip, carrier, window, document = (0.9, 0.9, 0.9, 0.2) if text.is_attack else (0.6, 0.5, 0.4, 0.1)
        else:
            slip, carrier, window, document = (0.3, 0.15, 0.4, 0.05) if text.is_attack else (0.08, 0.02, 0.02, 0)
        if rng.random() < slip:
            add(slipped(text.text, rng), 0.7, is_same=True)
        is_short = len(text.text) < 600
        if is_short and own.frames and rng.random() < carrier:
            add(in_carrier(text.text, own, rng))
        near = backgrounds.get(text.lang) if rng.random() < 0.6 else None
        if is_short and rng.random() < window:
            add(among_others(text.text, near or backgrounds["en"], rng))
        if is_short and rng.random() < document:
            add(in_document(text.text, near or backgrounds["en"], rng, rng.choice([800, 1500, 3000])))
    return made


def fillers(lang, carriers, rng, copies=3):
    """Carriers with honest sentences in their gaps."""
    from texts import Text

    made = [Text(f, False, f"{lang}/filler", lang, "corpus", "carriers") for f in carriers.fillers]
    for frame in carriers.frames:
        for _ in range(copies):
            words = frame.replace("{}", rng.choice(carriers.fillers) if carriers.fillers else "")
            made.append(Text(words, False, f"{lang}/carrier", lang, "corpus", "carriers"))
    return made
