"""Trains the similarity model and writes the artefact.

    python3 training/train.py [--out FILE] [--without FAMILY,…] [FOLDER …]

Learns from the corpus and from the further sets in the folders. Same inputs and same seed, same artefact.
"""

import argparse
import random
import time
from collections import Counter, defaultdict
from pathlib import Path

import artefact
import numpy as np
from composition import composed, fillers
from features import ROOT, Features
from measure import auc, recall
from model import D, ROWS, SEM, Model, train, unit
from teacher import Teacher
from texts import Carriers, corpus, further, input_hash, is_for_calibration, is_held_apart

SEED = 7
# Most characters of an honest text that is trained on, most texts of one source, and most texts the teacher looks at.
LONGEST, MOST_OF_SOURCE, MOST_TAUGHT = 3000, 4000, 16000
BANK = 1024
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


def first_table(texts, features, teacher, rng):
    """Frequent words begin as the teacher sees them; what occurs begins small; what does not stays zero. Also the projection."""
    table = np.zeros((sum(ROWS), D), np.float32)
    counts = np.bincount(features.rows, minlength=len(table))
    table[counts > 0] = rng.normal(0, 0.03, (int((counts > 0).sum()), D))
    words = Counter()
    for text in texts[:60000]:
        words.update(set(text.text.lower().split()))
    words = sorted(w for w, n in words.items() if n >= 8 and w.isalpha() and w.isascii())
    vectors = teacher.embed(words)
    mean = vectors.mean(0)
    axes = np.linalg.svd(vectors - mean, full_matrices=False)[2][:D]
    starts = unit((vectors - mean) @ axes.T)[0]
    found = Features(words, ROWS)
    for number in range(len(words)):
        rows, _, _ = found.batch(np.array([number]))
        row = rows[rows < ROWS[0]]
        if len(row) == 1 and counts[row[0]]:
            table[row[0]] = starts[number] * 0.1 * min(1.0, 300 / counts[row[0]]) ** 0.25
    return table, counts > 0


def taught(texts, features, teacher, rng):
    """What the teacher says about short texts, in 64 dimensions; zero where it was not asked."""
    short = [i for i, t in enumerate(texts) if features.text_starts[i + 1] - features.text_starts[i] in (1, 2)]
    first = [i for i in short if texts[i].source == "corpus"]
    others = [i for i in short if texts[i].source != "corpus"]
    rng.shuffle(others)
    chosen = (first[: MOST_TAUGHT * 3 // 4] + others)[:MOST_TAUGHT]
    vectors = teacher.embed([texts[i].text for i in chosen])
    mean = vectors.mean(0)
    axes = np.linalg.svd((vectors - mean)[:8000], full_matrices=False)[2][:SEM]
    targets = np.zeros((len(texts), SEM), np.float32)
    targets[chosen] = unit((vectors - mean) @ axes.T)[0]
    return targets


def calibration(scores):
    """Pairs (score, calibrated score), rising; `scores` are those of honest documents."""
    ranked = np.sort(scores)[::-1]
    points = [(-1.0, 0.0)]
    for share, value in CALIBRATED:
        raw = float(ranked[int(len(ranked) * share)])
        points.append((max(raw, points[-1][0] + 1e-4), value))
    return [*points, (max(1.0, points[-1][0] + 1e-3), 1.0)]


def bank_of(model, texts, features, rng):
    """Windows of honest texts to hold user-added examples against: half of them hard, half of every kind."""
    x, owner = model.window_vectors(features, np.arange(len(features)))
    z = model.embed(x)[0]
    raw = model.compare(z)[0]
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
    both = np.concatenate([z[chosen], unit(x[chosen] @ model.s.T)[0]], 1) / np.sqrt(2)
    return np.clip(np.rint(both * 127), -127, 127).astype(np.int8)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--out", type=Path, default=ROOT / "model/similarity.bin")
    parser.add_argument("--without", default="")
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--dropout", type=float, default=0.45)
    arguments = parser.parse_args()
    clock = Clock()
    rng, dice = np.random.default_rng(SEED), random.Random(SEED)

    learned, held, calibrating, carriers, _ = split(arguments.folders, arguments.without.split(","), arguments.share)
    texts = training_set(learned, carriers, dice)
    labels = np.array([t.is_attack for t in texts], np.float32)
    clock.log(f"{len(learned)} texts make {len(texts)} to learn from, {int(labels.sum())} of them attacks")
    features = Features([t.text for t in texts], ROWS)
    clock.log(f"{len(features.block_starts) - 1} blocks, {len(features.rows)} features")
    teacher = Teacher()
    table, is_used = first_table(texts, features, teacher, rng)
    targets = taught(texts, features, teacher, dice)
    clock.log("the teacher has spoken")
    weights = np.array([t.weight * (2 if t.is_attack or t.is_hard else 1) for t in texts], np.float32)
    model = Model(rng, table)
    train(model, features, labels, weights, targets, rng, arguments.epochs, dropout=arguments.dropout, log=clock.log)

    books, codes = artefact.quantise(model.table, is_used, rng)
    model.table = artefact.decode(books, codes)
    for name in ("p", "w1", "w2", "s", "prototypes"):
        setattr(model, name, getattr(model, name).astype(np.float16).astype(np.float32))
    clock.log("quantised")

    honest = calibrating or [t for t in held if not t.is_attack]
    scores = model.scores(Features([t.text for t in honest], ROWS))
    points = calibration(scores)
    clock.log(f"calibrated on {len(honest)} honest documents: {points}")
    kept = [t for t in learned if not t.is_attack and len(t.text) < LONGEST]
    dice.shuffle(kept)
    kept = kept[:12000]
    bank = bank_of(model, kept, Features([t.text for t in kept], ROWS), rng)
    artefact.write(arguments.out, model, books, codes, points, bank, input_hash(arguments.folders))
    clock.log(f"wrote {arguments.out}")

    results = model.scores(Features([t.text for t in held], ROWS))
    is_attack = np.array([t.is_attack for t in held])
    for name in ("corpus", "further sets"):
        here = np.array([(t.source == "corpus") == (name == "corpus") for t in held])
        a, b = results[here & is_attack], results[here & ~is_attack]
        if len(a) and len(b):
            clock.log(f"held apart, {name}: AUC {auc(a, b):.3f}, recall at 1 % {recall(a, b, 0.01):.1%}, at 0.1 % {recall(a, b, 0.001):.1%}")


if __name__ == "__main__":
    main()
