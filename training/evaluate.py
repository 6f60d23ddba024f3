"""Measures an artefact on labelled texts that it was not trained on.

    python3 training/evaluate.py [--model FILE] [--sources] [FOLDER …]

Without a folder: `eval/data`. Prints the recall at 1 % and 0.1 % false alarms *of the same set*, what exceeds the two thresholds on the
calibrated scale, the same by language, and what is left when attacks have typos, split words, or lie deep in a document.
"""

import argparse
import random
from collections import defaultdict
from pathlib import Path

import artefact
import numpy as np
from composition import in_document, with_split_words, with_typos
from features import ROOT, Features
from measure import BLOCK, FLAG, auc, recall, threshold
from model import ROWS
from texts import further

# Documents made of fewer texts than this are all alike, and one alarm is in each.
LEAST_BACKGROUNDS = 1000


class Scorer:
    def __init__(self, path):
        self.model, self.points, self.bank = artefact.read(path)

    def raw(self, texts):
        return self.model.scores(Features(texts, ROWS)) if texts else np.zeros(0)

    def calibrated(self, raw):
        return np.interp(raw, self.points[:, 0], self.points[:, 1])


def line(name, *figures):
    print(f"{name:34}" + "".join(f"{f:>9}" for f in figures))


def percent(value):
    return "–" if np.isnan(value) else f"{value:.1%}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*", default=[])
    parser.add_argument("--model", type=Path, default=ROOT / "model/similarity.bin")
    parser.add_argument("--sources", action="store_true", help="also by source")
    arguments = parser.parse_args()
    scorer = Scorer(arguments.model)
    for folder in arguments.folders or [ROOT / "eval/data"]:
        measure(scorer, further(folder, is_for_training=False), folder, arguments.sources)


def measure(scorer, texts, folder, is_by_source):
    raw = scorer.raw([t.text for t in texts])
    scaled = scorer.calibrated(raw)
    attack = np.array([t.is_attack for t in texts])
    hard = np.array([t.is_hard for t in texts]) & ~attack
    benign = raw[~attack & ~hard]
    print(f"\n{folder}: {attack.sum()} attacks, {(~attack).sum()} honest texts, AUC {auc(raw[attack], raw[~attack]):.3f}")
    line("", "texts", "at 1 %", "at 0.1 %", "flag", "block")

    def row(name, which, is_recall=True):
        here = raw[which]
        at = [percent(float((here > threshold(benign, s)).mean())) for s in (0.01, 0.001)] if is_recall else ["", ""]
        line(name, len(here), *at, percent(float((scaled[which] >= FLAG).mean())), percent(float((scaled[which] >= BLOCK).mean())))

    row("attacks", attack)
    row("honest", ~attack & ~hard)
    row("hard honest", hard)
    by = defaultdict(list)
    for number, text in enumerate(texts):
        by[text.source if is_by_source else text.lang, text.is_attack].append(number)
    for (name, is_attack), numbers in sorted(by.items()):
        if len(numbers) >= (10 if is_by_source else 15):
            row(f"{name} {'attacks' if is_attack else 'honest'}", np.array(numbers), is_attack)

    rng = random.Random(1)
    short = [t for t in texts if t.is_attack and len(t.text) < 400][:1500]
    backgrounds = [t.text for t in texts if not t.is_attack and len(t.text) > 250 and not t.is_hard]
    if not short:
        return
    line("disguised short attacks", "texts", "at 1 %", "at 0.1 %", "flag", "block")

    def disguised(name, change, honest=benign):
        here = scorer.raw([change(t.text) for t in short])
        at = [percent(float((here > threshold(honest, s)).mean())) for s in (0.01, 0.001)]
        scaled = scorer.calibrated(here)
        line(name, len(here), *at, percent(float((scaled >= FLAG).mean())), percent(float((scaled >= BLOCK).mean())))

    disguised("plain", str)
    disguised("typos", lambda text: with_typos(text, rng))
    disguised("split words", lambda text: with_split_words(text, rng))
    if len(backgrounds) < LEAST_BACKGROUNDS:
        return

    def buried(text):
        return in_document(text, backgrounds, rng, rng.randrange(3000, 7000))

    documents = scorer.raw([buried("") for _ in short])
    disguised("buried in 3–8 kB", buried, documents)
    scaled = scorer.calibrated(documents)
    alarms = [percent(float((scaled >= level).mean())) for level in (FLAG, BLOCK)]
    line("the same documents without it", len(documents), "", "", *alarms)


if __name__ == "__main__":
    main()
