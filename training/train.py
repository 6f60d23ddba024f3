"""Trains the similarity model and writes the artefact.

    python3 training/train.py [--out FILE] [--without FAMILY,…] [FOLDER …]

Learns from the corpus and from the further sets in the folders. Same inputs and same seed, same artefact.
"""

import argparse
import random
import re
import time
from collections import Counter, defaultdict
from pathlib import Path

import artefact
import numpy as np
from composition import composed, fillers
from features import ROOT, Features
from measure import BLOCK, FLAG, auc, recall
from model import D, ROWS, SEM, Model, train, unit
from teacher import embed
from texts import corpus, further, input_hash, is_for_calibration, is_held_apart, is_unseen

SEED = 7
# Most characters of an honest text that is trained on, and most texts of one source.
LONGEST, MOST_OF_SOURCE = 3000, 4000
# The teacher sees texts of fewer characters, and counts for this share of what a text is said to be.
MOST_TAUGHT, TRUST = 600, 0.5
BANK = 1024
# One in so many texts held apart of the corpus is scored for the core's test.
SAMPLED = 25
# A feature that fewer groups of texts have is not learned.
LEAST_GROUPS = 2
# What share of honest documents exceeds which score of the calibrated scale.
CALIBRATED = ((0.5, 0.3), (0.1, 0.5), (0.03, 0.6), (0.01, 0.7), (0.003, 0.78), (0.001, 0.85), (0.0003, 0.9))


class Clock:
    def __init__(self):
        self.start = time.monotonic()

    def log(self, text):
        print(f"[{time.monotonic() - self.start:5.0f} s] {text}", flush=True)


def split(folders, without=(), share=1.0):
    """What is trained on, what is held apart, what calibrates; and the carriers to train with."""
    texts, carriers = corpus()
    learned = [t for t in texts if not is_held_apart(t.group) and t.family not in without]
    held = [t for t in texts if is_held_apart(t.group) or t.family in without]
    if share < 1:
        learned = [t for t in learned if random.Random(t.group).random() < share]
    calibrating = []
    for folder in folders:
        counts = Counter()
        found = further(folder)
        random.Random(SEED).shuffle(found)
        for text in found:
            if not text.is_attack and is_for_calibration(text):
                calibrating.append(text)
            elif is_held_apart(text.group):
                held.append(text)
            elif counts[text.source] < MOST_OF_SOURCE:
                counts[text.source] += 1
                learned.append(text)
    train_carriers = {lang: c for (lang, is_held), c in carriers.items() if not is_held}
    held_carriers = {lang: c for (lang, is_held), c in carriers.items() if is_held}
    return learned, held, calibrating, train_carriers, held_carriers


def training_set(learned, carriers, rng):
    backgrounds = defaultdict(list)
    for text in learned:
        if not text.is_attack and len(text.text) > 200:
            backgrounds[text.lang].append(text.text)
    for lang, c in carriers.items():
        backgrounds[lang] += [frame.replace("{}", "") for frame in c.frames]
    made = composed(learned, carriers, backgrounds, rng)
    for lang, c in carriers.items():
        made += fillers(lang, c, rng)
    for text in made:
        if not text.is_attack and len(text.text) > LONGEST:
            start = rng.randrange(len(text.text) - LONGEST)
            text.text = text.text[start : start + LONGEST]
        elif len(text.text) > 2 * LONGEST:
            text.text = text.text[: 2 * LONGEST]
    return made


def common(texts, features):
    """Which rows enough groups of texts use."""
    numbers = {}
    group = np.array([numbers.setdefault(text.group, len(numbers)) for text in texts])
    owner = np.repeat(group, np.diff(features.block_starts[features.text_starts]))
    pairs = np.unique(features.rows.astype(np.int64) * len(numbers) + owner)
    return np.bincount(pairs // len(numbers), minlength=sum(ROWS)) >= LEAST_GROUPS


def words_of(text):
    """The words of a text as the model reads them, nearly: pairs of characters in Chinese and Japanese."""
    for word in re.findall(r"[^\W\d_]+", text.lower()):
        if re.search("[぀-ヿ㐀-鿿]", word):
            yield from (word[at : at + 2] for at in range(len(word) - 1))
        else:
            yield word


def first_table(texts, features, is_common, rng):
    """What occurs begins small, but the words of the corpus as the teacher sees them; what does not occur stays zero."""
    table = np.zeros((sum(ROWS), D), np.float32)
    counts = np.bincount(features.rows, minlength=len(table))
    table[is_common] = rng.normal(0, 0.01, (int(is_common.sum()), D))
    found = Counter()
    for text in texts:
        found.update(set(words_of(text.text)))
    words = [word for word, count in sorted(found.items(), key=lambda each: (-each[1], each[0])) if count >= 3]
    vectors = unit(embed(words) - embed(words).mean(0))[0]
    axes = np.linalg.svd(vectors[:8000], full_matrices=False)[2][:D]
    vectors = unit(vectors @ axes.T)[0]
    read = Features(words, ROWS)
    shares = counts[: ROWS[0]] / counts[: ROWS[0]].sum()
    begun = set()
    for number, vector in enumerate(vectors):
        rows = read.rows[read.block_starts[read.text_starts[number]] : read.block_starts[read.text_starts[number + 1]]]
        row = [int(row) for row in rows if row < ROWS[0]]
        # where two words share a row, it is that of the more frequent one; very frequent words say little
        if len(row) == 1 and row[0] not in begun and is_common[row[0]]:
            begun.add(row[0])
            table[row[0]] = vector * 0.3 * 1e-3 / (1e-3 + shares[row[0]])
    return table


def taught(texts):
    """What the teacher says about the texts of the corpus: where they lie in its space, in 64 dimensions (zero for all others), and
    for how likely an attack it takes them (for others what their author says)."""
    labels = np.array([t.is_attack for t in texts], np.float32)
    asked = [i for i, t in enumerate(texts) if t.source == "corpus" and t.family != "carriers" and len(t.original) < MOST_TAUGHT]
    originals = sorted({texts[i].original for i in asked})
    place = {text: number for number, text in enumerate(originals)}
    vectors = embed(originals)
    vectors = (vectors - vectors.mean(0)) / vectors.std(0)
    truth = np.zeros(len(originals))
    for i in asked:
        truth[place[texts[i].original]] = labels[i]
    likely = logistic(vectors.astype(np.float64), truth)
    axes = np.linalg.svd(vectors[:: max(1, len(vectors) // 6000)], full_matrices=False)[2][:SEM]
    reduced = unit(vectors @ axes.T)[0]
    targets = np.zeros((len(texts), SEM), np.float32)
    for i in asked:
        number = place[texts[i].original]
        labels[i] += TRUST * (likely[number] - labels[i])
        if texts[i].is_whole:
            targets[i] = reduced[number]
    return targets, labels


def attacks_and_twins(texts, features):
    """For each group of the corpus that has both, where its attacks and where its twins are."""
    groups = defaultdict(lambda: ([], []))
    for number in np.flatnonzero(np.diff(features.text_starts) > 0):
        text = texts[number]
        if text.source == "corpus" and text.family != "carriers":
            groups[text.group][0 if text.is_attack else 1].append(number)
    return [group for group in groups.values() if all(group)]


def logistic(x, y, decay=100.0, rounds=10):
    """How likely each row of `x` is of the kind `y` marks: a regression by Newton's method, whose decay keeps it from learning by heart."""
    x = np.concatenate([x, np.ones((len(x), 1))], 1)
    weights = np.zeros(x.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (p - y) + decay * weights
        weights -= np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + decay * np.eye(len(weights)), slope)
    return 1 / (1 + np.exp(-x @ weights))


def calibration(scores, kinds):
    """Pairs (score, calibrated score), rising; `scores` are those of honest documents. Each kind of them keeps to the shares by itself:
    what agents see is full of texts that look like attacks."""
    kinds = np.array(kinds)
    ranked = [np.sort(scores[kinds == kind])[::-1] for kind in sorted(set(kinds))]
    points = [(-1.0, 0.0)]
    for share, value in CALIBRATED:
        raw = max(float(each[int(len(each) * share)]) for each in ranked)
        points.append((max(raw, points[-1][0] + 1e-4), value))
    return [*points, (max(1.0, points[-1][0] + 1e-3), 1.0)]


def kind_of(text):
    """What an honest text is for the calibration: the twin of an attack, one that looks like an attack, or any."""
    return "twin" if text.source == "corpus" else "hard" if text.is_hard else "any"


def bank_of(model, texts, features, rng):
    """Windows of honest texts to hold user-added examples against: half of them hard, half of every kind."""
    vectors, owner = model.places(features)
    raw = model.compare(unit(vectors[:, :D])[0])[0]
    sources = defaultdict(list)
    for number in rng.permutation(len(owner)):
        text = texts[owner[number]]
        sources[text.source, text.lang].append(number)
    hard = np.argsort(-raw)[: BANK // 2]
    chosen, depth = list(hard), 0
    taken = set(chosen)
    while len(chosen) < BANK:
        for numbers in sources.values():
            if depth < len(numbers) and numbers[depth] not in taken and len(chosen) < BANK:
                chosen.append(numbers[depth])
        depth += 1
    return np.clip(np.rint(vectors[chosen] * 127), -127, 127).astype(np.int8)


def write_scores(path, model, held):
    """What the model makes of some texts of the corpus, one a line, by which a test knows that the core computes the same."""
    texts = [" ".join(t.text.split()) for t in held if t.source == "corpus"][::SAMPLED]
    scores = model.scores(Features(texts, ROWS))
    path.write_text("".join(f"{score:.5f}\t{text}\n" for score, text in zip(scores, texts, strict=True)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--out", type=Path, default=ROOT / "model/similarity.bin")
    parser.add_argument("--without", default="")
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--dropout", type=float, default=0.7)
    parser.add_argument("--blind", type=float, default=0.3)
    parser.add_argument("--sem", type=float, default=1.0)
    parser.add_argument("--pair", type=float, default=0.2)
    arguments = parser.parse_args()
    clock = Clock()
    rng, dice = np.random.default_rng(SEED), random.Random(SEED)

    learned, held, calibrating, carriers, _ = split(arguments.folders, arguments.without.split(","), arguments.share)
    texts = training_set(learned, carriers, dice)
    labels = np.array([t.is_attack for t in texts], np.float32)
    clock.log(f"{len(learned)} texts make {len(texts)} to learn from, {int(labels.sum())} of them attacks")
    features = Features([t.text for t in texts], ROWS)
    clock.log(f"{len(features.block_starts) - 1} blocks, {len(features.rows)} features")
    is_common = common(texts, features)
    table = first_table([t for t in learned if t.source == "corpus"], features, is_common, rng)
    targets, labels = taught(texts)
    clock.log("the teacher has spoken")
    weights = np.array([t.weight * (2 if t.is_attack or t.is_hard else 1) for t in texts], np.float32)
    model = Model(rng, table)
    groups = attacks_and_twins(texts, features)
    options = {name: getattr(arguments, name) for name in ("epochs", "dropout", "blind", "sem", "pair")}
    train(model, features, labels, weights, targets, groups, is_common, rng, **options, log=clock.log)

    model.rotate(artefact.balanced_axes(model.table[is_common]))
    books, codes = artefact.quantise(model.table, is_common, rng)
    model.table = artefact.decode(books, codes)
    for name in ("p", "w1", "w2", "s", "prototypes"):
        setattr(model, name, getattr(model, name).astype(np.float16).astype(np.float32))
    clock.log("quantised")

    unseen = [t for t in calibrating if is_unseen(t)]
    honest = [t for t in calibrating if not is_unseen(t)] + [t for t in held if not t.is_attack]
    scores = model.scores(Features([t.text for t in honest], ROWS))
    points = calibration(scores, [kind_of(t) for t in honest])
    clock.log(f"calibrated on {len(honest)} honest documents: {points}")
    kept = [t for t in learned if not t.is_attack and len(t.text) < LONGEST]
    dice.shuffle(kept)
    kept = kept[:12000]
    bank = bank_of(model, kept, Features([t.text for t in kept], ROWS), rng)
    artefact.write(arguments.out, model, books, codes, points, bank, input_hash(arguments.folders))
    write_scores(arguments.out.with_suffix(".tsv"), model, held)
    clock.log(f"wrote {arguments.out}")

    if unseen:
        scores = np.interp(model.scores(Features([t.text for t in unseen], ROWS)), *np.transpose(points))
        shares = [f"{(scores >= level).mean():.2%} reach {level}" for level in (FLAG, BLOCK)]
        clock.log(f"of {len(unseen)} honest documents that the scale has not seen {' and '.join(shares)}")
    results = model.scores(Features([t.text for t in held], ROWS))
    is_attack = np.array([t.is_attack for t in held])
    for name in ("corpus", "further sets"):
        here = np.array([(t.source == "corpus") == (name == "corpus") for t in held])
        a, b = results[here & is_attack], results[here & ~is_attack]
        if len(a) and len(b):
            clock.log(f"held apart, {name}: AUC {auc(a, b):.3f}, recall at 1 % {recall(a, b, 0.01):.1%}, at 0.1 % {recall(a, b, 0.001):.1%}")


if __name__ == "__main__":
    main()
