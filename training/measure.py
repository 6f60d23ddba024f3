"""Figures that need no threshold of the model's: recall at a share of false alarms."""

import numpy as np

# Where the calibrated scale flags and blocks.
FLAG, BLOCK = 0.70, 0.85


def threshold(benign, share):
    """The score that this share of honest texts exceeds."""
    ranked = np.sort(benign)[::-1]
    return ranked[min(int(len(ranked) * share), len(ranked) - 1)]


def recall(attacks, benign, share):
    return float((attacks > threshold(benign, share)).mean()) if len(attacks) else float("nan")


def auc(attacks, benign):
    ranks = np.argsort(np.argsort(np.concatenate([attacks, benign]), kind="stable"), kind="stable")
    return float((ranks[: len(attacks)].sum() - len(attacks) * (len(attacks) - 1) / 2) / len(attacks) / len(benign))
