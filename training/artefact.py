"""Writes and reads `model/similarity.bin`; `src/similarity/artefact.rs` reads the same."""

import struct

import numpy as np

from model import D, HIDDEN, PROTOTYPES, ROWS, SEM, TEMPERATURE, Model

MAGIC = b"RUNESIM\0"
FORMAT = FEATURES = 4
PARTS, CODES = 8, 256


def fnv1a(data):
    state = 0xCBF29CE484222325
    for byte in data:
        state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return state


def balanced_axes(table):
    """A rotation by which each part that product quantisation takes has about as much of what the rows differ by (Ge, He, Ke and Sun,
    2013)."""
    sizes, axes = np.linalg.svd(table, full_matrices=False)[1:]
    parts, load = [[] for _ in range(PARTS)], np.zeros(PARTS)
    for axis, size in enumerate(sizes):
        part = min((part for part in range(PARTS) if len(parts[part]) < D // PARTS), key=lambda part: load[part])
        parts[part].append(axis)
        load[part] += np.log(size)
    return axes[np.concatenate(parts)]


def quantise(table, is_used, rng, rounds=12):
    """Product quantisation: codebooks [8][256][d/8] and a code of 8 bytes for each row."""
    width = D // PARTS
    books = np.zeros((PARTS, CODES, width), np.float32)
    codes = np.zeros((len(table), PARTS), np.uint8)
    used = np.flatnonzero(is_used)
    for part in range(PARTS):
        points = table[:, part * width : (part + 1) * width]
        sample = points[rng.choice(used, min(len(used), 20000), replace=False)]
        book = sample[rng.choice(len(sample), CODES, replace=False)].copy()
        book[0] = 0
        for _ in range(rounds):
            nearest = (sample @ book.T - 0.5 * (book * book).sum(1)).argmax(1)
            for code in range(1, CODES):
                members = sample[nearest == code]
                book[code] = members.mean(0) if len(members) else sample[rng.integers(len(sample))]
        book = book.astype(np.float16).astype(np.float32)
        books[part] = book
        codes[:, part] = (points @ book.T - 0.5 * (book * book).sum(1)).argmax(1)
        codes[~is_used, part] = 0
    return books, codes


def decode(books, codes):
    return np.concatenate([books[part][codes[:, part]] for part in range(PARTS)], 1)


def write(path, model, books, codes, calibration, bank, inputs):
    half = lambda array: array.astype("<f2").tobytes()  # noqa: E731
    body = inputs + struct.pack("<4I", *ROWS)
    body += struct.pack("<6H", D, HIDDEN, PROTOTYPES, SEM, len(calibration), len(bank)) + struct.pack("<f", TEMPERATURE)
    body += half(books) + codes.tobytes() + half(model.p) + half(model.w1) + half(model.w2) + half(model.s)
    body += half(model.prototypes) + np.array(calibration, "<f4").tobytes() + bank.astype(np.int8).tobytes()
    head = MAGIC + struct.pack("<HHI", FORMAT, FEATURES, 24 + len(body))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(head + struct.pack("<Q", fnv1a(body)) + body)


def read(path):
    """The model, its calibration and its bank."""
    data = path.read_bytes()
    rows = struct.unpack_from("<4I", data, 56)
    d, hidden, prototypes, sem, points, vectors = struct.unpack_from("<6H", data, 72)
    at = 88

    def take(shape, kind):
        nonlocal at
        count = int(np.prod(shape))
        array = np.frombuffer(data, kind, count, at).reshape(shape)
        at += array.nbytes
        return array.astype(np.float32) if kind == "<f2" else array

    books, codes = take((PARTS, CODES, d // PARTS), "<f2"), take((sum(rows), PARTS), np.uint8)
    model = Model(np.random.default_rng(0), decode(books, codes))
    model.p, model.w1, model.w2 = take((d, d), "<f2"), take((hidden, d), "<f2"), take((d, hidden), "<f2")
    model.s, model.prototypes = take((sem, d), "<f2"), take((prototypes, d), "<f2")
    return model, take((points, 2), "<f4"), take((vectors, d + sem), np.int8)
