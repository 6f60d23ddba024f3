"""What the core sees of texts, as rows of the model's table."""

import subprocess
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
BINARY = ROOT / "target/release/features"


class Features:
    """The rows of each block of each text: block b holds `rows[block_ends[b-1]:block_ends[b]]`, text t the blocks
    `text_starts[t]:text_starts[t+1]`."""

    def __init__(self, texts, row_counts):
        data = "".join(text.replace("\0", " ") + "\0" for text in texts).encode("utf-8", "ignore")
        numbers = np.frombuffer(subprocess.run([BINARY], input=data, stdout=subprocess.PIPE, check=True).stdout, np.uint32)
        rows, sizes, starts = [], [], [0]
        offsets = np.concatenate([[0], np.cumsum(row_counts)[:-1]]).astype(np.uint32)
        masks = np.array(row_counts, np.uint32) - np.uint32(1)
        at = 0
        for _ in range(len(texts)):
            blocks = int(numbers[at])
            at += 1
            for _ in range(blocks):
                counts = [int(n) for n in numbers[at : at + len(row_counts)]]
                at += len(row_counts)
                for kind, count in enumerate(counts):
                    rows.append((numbers[at : at + count] & masks[kind]) + offsets[kind])
                    at += count
                sizes.append(sum(counts))
            starts.append(len(sizes))
        self.rows = np.concatenate(rows).astype(np.int32) if rows else np.zeros(0, np.int32)
        self.block_starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self.text_starts = np.array(starts, np.int64)

    def __len__(self):
        return len(self.text_starts) - 1

    def batch(self, texts):
        """The blocks of some texts: their rows, where blocks begin among those, where texts begin among the blocks."""
        first, last = self.text_starts[texts], self.text_starts[np.asarray(texts) + 1]
        rows = [self.rows[self.block_starts[a] : self.block_starts[b]] for a, b in zip(first, last, strict=True)]
        sizes = [np.diff(self.block_starts[a : b + 1]) for a, b in zip(first, last, strict=True)]
        block_starts = np.concatenate([[0], np.cumsum(np.concatenate(sizes))]).astype(np.int64)
        return np.concatenate(rows), block_starts, np.concatenate([[0], np.cumsum(last - first)]).astype(np.int64)
