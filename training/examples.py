"""Measures what one added example does for a family of attacks that the model was never taught.

    python3 training/train.py --without persona,exfiltration --out FILE …
    python3 training/examples.py --model FILE persona,exfiltration [FOLDER …]

Each of some attacks of a family is added alone, as a user would. Of the other attacks of that family in the same language: how many are
flagged, without and with it; those of the same group, which say the same in other words, apart. Of honest texts, those of `eval/data`
and what is held apart for calibration in the folders: how many are flagged because of it.
"""

import argparse
import random
from collections import defaultdict
from pathlib import Path

import numpy as np
from evaluate import Scorer, line, percent
from features import ROOT, Features
from measure import BLOCK, FLAG
from model import ROWS
from texts import corpus, further, is_for_calibration

SEED = 7
# Examples of a family, each added alone, and most honest texts that they are held against.
SHOWN, MOST_HONEST = 40, 20000
# As in `src/similarity/examples.rs`.
SURELY = 0.35


class Places:
    """Where the windows of texts lie, and what the model says of the texts."""

    def __init__(self, scorer, texts):
        features = Features([t.text for t in texts], ROWS)
        self.vectors, self.owner = scorer.model.places(features)
        self.is_known = scorer.calibrated(scorer.model.scores(features)) >= FLAG

    def like(self, example, scorer):
        """Which texts are flagged once the windows whose vectors these are have been added."""
        is_like = np.zeros(len(self.is_known), bool)
        for vector in example:
            nearest = np.clip((scorer.bank / 127 @ vector).max(), 0.01, 0.99)
            points = [0, nearest, nearest + SURELY * (1 - nearest), 1], [0, FLAG, BLOCK, 1]
            is_like[self.owner[np.interp(self.vectors @ vector, *points) >= FLAG]] = True
        return is_like | self.is_known


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("families")
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--model", type=Path, required=True)
    arguments = parser.parse_args()
    scorer, rng = Scorer(arguments.model), random.Random(SEED)

    honest = [t for t in further(ROOT / "eval/data", is_for_training=False) if not t.is_attack]
    for folder in arguments.folders:
        honest += [t for t in further(folder) if not t.is_attack and is_for_calibration(t)]
    honest = Places(scorer, rng.sample(honest, min(len(honest), MOST_HONEST)))
    alarms = honest.is_known.mean()
    line("one example of an unseen family", "shown", "its idea", "with it", "others", "with it", "twins", "with it", "honest +")
    for family in arguments.families.split(","):
        line(family, *measure(scorer, family, honest, rng))
    print(f"honest texts flagged without any example: {alarms:.2%} of {len(honest.is_known)}")


def measure(scorer, family, honest, rng):
    by_language = defaultdict(list)
    for text in corpus()[0]:
        if text.family == family:
            by_language[text.lang].append(text)
    shares = defaultdict(list)
    languages = sorted(by_language)
    for lang in languages:
        texts = by_language[lang]
        places = Places(scorer, texts)
        group = np.array([t.group for t in texts])
        is_attack = np.array([t.is_attack for t in texts])
        attacks = np.flatnonzero(is_attack)
        for number in rng.sample(list(attacks), min(len(attacks), SHOWN // len(languages) + 1)):
            example = places.vectors[places.owner == number]
            is_other = np.arange(len(texts)) != number
            known, shown = places.is_known, places.like(example, scorer)
            for name, which in (
                ("same", is_attack & is_other & (group == group[number])),
                ("others", is_attack & (group != group[number])),
                ("twins", ~is_attack),
            ):
                shares[name, "before"] += known[which].tolist()
                shares[name, "after"] += shown[which].tolist()
            shares["honest"].append(honest.like(example, scorer).mean() - honest.is_known.mean())
    figures = [percent(float(np.mean(shares[name, when]))) for name in ("same", "others", "twins") for when in ("before", "after")]
    return len(shares["honest"]), *figures, f"{np.mean(shares['honest']):.2%}"


if __name__ == "__main__":
    main()
