"""The model, forwards and backwards.

A window is two blocks. x = |sum of its rows|, z = |P x + W2 relu(W1 4x)|, both somewhat shorter than one where there is little to go by; its
score is the soft maximum of the products of z with the prototypes; a text's score that of its highest window, less something for the number
of windows, which training leaves out of account. z_sem = |S x| follows the teacher.
"""

import numpy as np
from scipy import sparse

ROWS = (1 << 16, 1 << 14, 1 << 15, 1 << 13)  # words, parts of words, pairs, concepts
ENDS = np.cumsum(ROWS)
D, HIDDEN, PROTOTYPES, SEM = 64, 64, 32, 64
TEMPERATURE = 16.0
SCALE, BIAS = 16.0, 0.6  # of the logit that training makes of a score
X_EASE, Z_EASE = 1.0, 0.3  # a sum of this length makes an x, or z, of length 0.7
CHANCE = 0.015  # what a text that is e times as long has to resemble attacks more: the likelier one of its windows looks like one by chance
AVERAGED = 0.4  # the model that comes out is the mean of what it was during this last share of the steps
PAIRS = 32  # pairs of an attack and its twin beside each batch


def unit(x, ease=1e-8):
    """The vectors with length one, nearly: those that are hardly longer than `ease` become shorter. And what they were divided by."""
    norm = np.sqrt((x * x).sum(-1, keepdims=True) + ease * ease)
    return x / norm, norm


def unit_back(gradient, y, norm):
    return (gradient - y * (gradient * y).sum(-1, keepdims=True)) / norm


def windows(text_starts):
    """The first and the last block of every window, and the text that it belongs to."""
    counts = np.diff(text_starts)
    number = np.maximum(np.maximum(counts - 1, 1) * (counts > 0), 0)
    text = np.repeat(np.arange(len(counts)), number)
    within = np.arange(len(text)) - np.repeat(np.cumsum(number) - number, number)
    first = text_starts[text] + within
    last = np.minimum(first + 1, text_starts[text + 1] - 1)
    return first, last, text


class Model:
    def __init__(self, rng, table):
        self.table = table
        self.p = np.eye(D, dtype=np.float32)
        self.w1 = rng.normal(0, 1 / np.sqrt(D), (HIDDEN, D)).astype(np.float32)
        self.w2 = rng.normal(0, 0.3 / np.sqrt(HIDDEN), (D, HIDDEN)).astype(np.float32)
        self.s = np.eye(SEM, D, dtype=np.float32)
        self.prototypes = unit(rng.normal(0, 1, (PROTOTYPES, D)).astype(np.float32))[0]

    def sums(self, rows, block_starts):
        """The sum of each block."""
        ones = np.ones(len(rows), np.float32)
        return sparse.csr_matrix((ones, rows, block_starts), (len(block_starts) - 1, len(self.table))) @ self.table

    def embed(self, x):
        """z and what its gradient takes, of windows' unit sums."""
        hidden = np.maximum(4 * x @ self.w1.T, 0)
        z, norm = unit(x @ self.p.T + hidden @ self.w2.T, Z_EASE)
        return z, norm, hidden

    def compare(self, z):
        cosines = z @ self.prototypes.T
        weights = np.exp(TEMPERATURE * (cosines - cosines.max(1, keepdims=True)))
        weights /= weights.sum(1, keepdims=True)
        return (weights * cosines).sum(1), cosines, weights

    def rotate(self, axes):
        """Gives the sums of rows other axes; nothing that it computes changes."""
        self.table = self.table @ axes.T
        self.p, self.w1, self.s = (weights @ axes.T for weights in (self.p, self.w1, self.s))

    def window_vectors(self, features, texts):
        """x of every window, and which text it belongs to."""
        rows, block_starts, text_starts = features.batch(texts)
        first, last, text = windows(text_starts)
        blocks = self.sums(rows, block_starts)
        return unit(blocks[first] + np.where((last > first)[:, None], blocks[last], 0), X_EASE)[0], text

    def places(self, features):
        """Both vectors of every window as one of length one, by which added examples are compared, and which text it belongs to."""
        x, text = self.window_vectors(features, np.arange(len(features)))
        return np.concatenate([unit(self.embed(x)[0])[0], unit(x @ self.s.T)[0]], 1) / np.sqrt(2), text

    def scores(self, features):
        """The score of every text; -1 where it has no words."""
        found = np.full(len(features), -1.0, np.float32)
        for start in range(0, len(features), 512):
            x, text = self.window_vectors(features, np.arange(start, min(start + 512, len(features))))
            np.maximum.at(found, start + text, self.compare(self.embed(x)[0])[0] - CHANCE * np.log(np.bincount(text)[text]))
        return found


class Adam:
    """Adam on whole arrays, and on single rows of the table."""

    def __init__(self, arrays):
        self.state = {name: (np.zeros_like(a), np.zeros_like(a)) for name, a in arrays.items()}
        self.step = 0

    def update(self, name, array, gradient, rate, rows=None):
        mean, square = self.state[name]
        at = slice(None) if rows is None else rows
        m = mean[at] * 0.9 + 0.1 * gradient
        v = square[at] * 0.999 + 0.001 * gradient * gradient
        mean[at], square[at] = m, v
        m, v = m / (1 - 0.9**self.step), v / (1 - 0.999**self.step)
        array[at] -= rate * m / (np.sqrt(v) + 1e-8)


def train(model, features, labels, weights, teacher, groups, allowed, rng, epochs=4, batch=256, dropout=0.7, blind=0.3, rate=2e-3, sem=1.0, pair=0.2, log=print):
    """`teacher` has a vector for each text, zero where it has nothing to say; `groups` pairs of attacks and their twins;
    `allowed` says which rows may be learned."""
    parts = {name: getattr(model, name) for name in ("p", "w1", "w2", "s", "prototypes")}
    arrays = {"table": model.table, **parts}
    adam = Adam(arrays)
    means, seen = {name: np.zeros_like(array) for name, array in arrays.items()}, 0
    place = np.zeros(len(model.table), np.int32)
    is_used = np.zeros(len(model.table), bool)
    usable = np.flatnonzero(np.diff(features.text_starts) > 0)
    steps = epochs * (len(usable) // batch)
    for epoch in range(epochs):
        order = rng.permutation(usable)
        losses = []
        for start in range(0, len(order) - batch + 1, batch):
            adam.step += 1
            speed = min(1.0, adam.step / 100, 0.05 + 1.2 * (1 - adam.step / steps))
            pairs = [groups[number] for number in rng.choice(len(groups), min(PAIRS, len(groups)), replace=False)]
            several = [[rng.choice(texts) for texts in side] for side in zip(*pairs, strict=True)]
            chosen = np.concatenate([order[start : start + batch], *several]).astype(np.int64)
            rows, block_starts, text_starts = features.batch(chosen)
            kept = (rng.random(len(rows), np.float32) >= dropout) & allowed[rows]
            # of some texts all features of a kind are out of sight, so that each kind learns to do without the others
            lost = np.where(rng.random(len(chosen)) < blind, rng.integers(len(ROWS), size=len(chosen)), len(ROWS))
            kept &= np.searchsorted(ENDS, rows, "right") != np.repeat(np.repeat(lost, np.diff(text_starts)), np.diff(block_starts))
            block_starts = np.concatenate([[0], np.cumsum(kept)])[block_starts]
            rows = rows[kept]
            is_used[rows] = True
            used = np.flatnonzero(is_used)
            is_used[used] = False
            place[used] = np.arange(len(used))
            counts = sparse.csr_matrix((np.ones(len(rows), np.float32), place[rows], block_starts), (len(block_starts) - 1, len(used)))
            blocks = counts @ model.table[used]
            first, last, text = windows(text_starts)
            is_two = (last > first)[:, None]
            sums = blocks[first] + np.where(is_two, blocks[last], 0)
            raw = model.compare(model.embed(unit(sums, X_EASE)[0])[0])[0]
            # the highest window of each text; only it learns
            ranked = np.lexsort((raw, text))
            top = ranked[np.concatenate([text[ranked][1:] != text[ranked][:-1], [True]])]
            first, last, is_two, sums = first[top], last[top], is_two[top], sums[top]

            x, x_norm = unit(sums, X_EASE)
            z, z_norm, hidden = model.embed(x)
            raw, cosines, soft = model.compare(z)
            probability = 1 / (1 + np.exp(-SCALE * (raw - BIAS)))
            probability, paired = probability[:batch], raw[batch:].reshape(2, -1)
            y, w = labels[chosen[:batch]], weights[chosen[:batch]]
            losses.append(float(-(w * (y * np.log(probability + 1e-7) + (1 - y) * np.log(1 - probability + 1e-7))).mean()))

            # each text is an attack or none, and an attack scores above its twin
            push = pair * SCALE / len(pairs) / (1 + np.exp(SCALE * (paired[0] - paired[1])))
            d_raw = np.concatenate([w * SCALE * (probability - y) / batch, -push, push])[:, None]
            d_cosines = d_raw * soft * (1 + TEMPERATURE * (cosines - raw[:, None]))
            d_y = unit_back(d_cosines @ model.prototypes, z, z_norm)
            d_hidden = (d_y @ model.w2) * (hidden > 0)
            d_x = d_y @ model.p + 4 * d_hidden @ model.w1
            gradients = {"p": d_y.T @ x, "w2": d_y.T @ hidden, "w1": 4 * d_hidden.T @ x, "prototypes": d_cosines.T @ z}

            z_sem, sem_norm = unit(x @ model.s.T)
            d_sem = unit_back(-sem * teacher[chosen] / batch, z_sem, sem_norm)
            gradients["s"] = d_sem.T @ x
            d_x += d_sem @ model.s

            d_sums = unit_back(d_x, x, x_norm)
            d_blocks = np.zeros_like(blocks)
            np.add.at(d_blocks, first, d_sums)
            np.add.at(d_blocks, last, np.where(is_two, d_sums, 0))
            adam.update("table", model.table, counts.T @ d_blocks, rate * speed, used)
            for name, gradient in gradients.items():
                adam.update(name, parts[name], gradient, rate / 2 * speed)
            model.prototypes[:] = unit(model.prototypes)[0]
            if adam.step > steps * (1 - AVERAGED) and adam.step % 10 == 0:
                seen += 1
                for name, array in arrays.items():
                    means[name] += (array - means[name]) / seen
        log(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}")
    for name, array in arrays.items():
        array[:] = means[name]
    model.prototypes[:] = unit(model.prototypes)[0]
