"""Checks the corpus: its format, how much of it there is, and how much repeats itself.

    python3 training/corpus/check.py [language ...]

Exits with 1 and names file and line when a file is ill-formed.
"""

import sys
from collections import Counter
from pathlib import Path

CORPUS = Path(__file__).parent
FAMILIES = (
    "instruction_override prompt_extraction turn_spoofing persona narrative gradual refusal_suppression "
    "encoding_announced tool_poisoning hidden_document exfiltration destructive_action"
).split()
CARRIERS = set("chat email ticket calendar web review cv code commit json table ocr tool document forum sms".split())
NEAR = 0.6  # Jaccard similarity of character 5-grams from which on two texts count as near-duplicates


def groups(path):
    """The groups of a file: (line, header words, {mark: [texts]})."""
    group = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        mark, rest = line[0], line[2:]
        if line[1:2] != " " or not rest.strip():
            raise ValueError(f"{path}:{number}: expected a mark, a space and a text, got {line[:30]!r}")
        if mark == "@":
            if group:
                yield group
            if rest.split()[0] not in CARRIERS:
                raise ValueError(f"{path}:{number}: unknown carrier {rest.split()[0]!r}")
            group = (number, rest.split(), {})
        elif mark in "-+=~" and group:
            group[2].setdefault(mark, []).append(unescape(rest))
        else:
            raise ValueError(f"{path}:{number}: expected one of @ - + = ~, got {mark!r}")
    if group:
        yield group


def unescape(text):
    return text.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")


def grams(text):
    text = " ".join(text.lower().split())
    return {text[i : i + 5] for i in range(max(1, len(text) - 4))}


def near_duplicates(texts):
    """Pairs of texts of which one repeats the other."""
    sets = [grams(text) for text in texts]
    index = {}
    for number, found in enumerate(sets):
        shared = Counter(other for gram in found for other in index.get(gram, ()))
        for other, count in shared.items():
            if count / (len(found) + len(sets[other]) - count) >= NEAR:
                yield other, number
        for gram in found:
            index.setdefault(gram, []).append(number)


def main(languages):
    folders = sorted(p for p in CORPUS.iterdir() if p.is_dir() and (not languages or p.name in languages))
    print(f"{'':4}{'attacks':>9}{'honest':>9}{'groups':>9}{'words':>9}{'vocabulary':>12}{'repeated':>10}")
    totals = Counter()
    for folder in folders:
        attacks, honest, count = [], [], 0
        for path in sorted(folder.glob("*.txt")):
            if path.stem not in (*FAMILIES, "carriers"):
                raise ValueError(f"{path}: no such family")
            for number, _, texts in groups(path):
                if path.stem == "carriers":
                    for text in texts.get("=", []):
                        if text.count("{}") != 1:
                            raise ValueError(f"{path}: group at line {number}: a carrier needs exactly one {{}}")
                    continue
                if not texts.get("-") or not texts.get("+"):
                    raise ValueError(f"{path}:{number}: a group needs attacks and honest twins")
                attacks += texts["-"]
                honest += texts["+"]
                count += 1
        texts = attacks + honest
        pairs = list(near_duplicates(texts))
        words = [word for text in texts for word in text.lower().split()]
        share = len({b for _, b in pairs}) / max(1, len(texts))
        row = (len(attacks), len(honest), count, len(words), len(set(words)))
        print(f"{folder.name:4}" + "".join(f"{n:9}" for n in row[:4]) + f"{row[4]:12}{share:10.1%}")
        totals.update(attacks=len(attacks), honest=len(honest))
        if languages:
            for a, b in pairs:
                print(f"    near: {texts[a][:60]!r} | {texts[b][:60]!r}")
    print(f"all {totals['attacks']:9}{totals['honest']:9}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ValueError as error:
        sys.exit(str(error))
