"""The labelled texts: the corpus and further sets, and which of them are held apart.

Whole groups (one idea of an attack with its twins) are held apart, so that no sibling of a text that is measured was trained on.
"""

import gzip
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "corpus"))
from check import CORPUS, groups  # noqa: E402

# What must not teach: non-commercial or copyleft terms, evaluation only, or no licence that anybody stated.
FORBIDDEN = re.compile(r"\bNC\b|GPL|eval|unspecified|none|see repo|claimed", re.I)
FORBIDDEN_NAMES = re.compile(r"^(nc_|qualifire|tensor_trust|secrets|pii)")
# Attacks that are none by their wording, and sets in which every entry of a game counts as one.
NOISY = {"hackaprompt": 0.5, "lakera_mosscap": 0.25, "wildguard_judgecomp": 0.5, "wildguardmix_harmful": 0.5}
# A harmful request of fewer words is asked for as it is. One of more has a role, a story or a game around it: a jailbreak.
LEAST_WRAPPED = 40
# Shares, in percent, of what is held apart of groups, of honest documents for calibration, and of those for its test.
HELD_APART, FOR_CALIBRATION, UNSEEN = 10, 45, 10


@dataclass
class Text:
    text: str
    is_attack: bool
    group: str
    lang: str
    source: str
    family: str = ""
    weight: float = 1.0
    is_hard: bool = False
    # what the author wrote, and whether this is all of it: not in a carrier or document
    original: str = ""
    is_whole: bool = True

    def __post_init__(self):
        self.original = self.original or self.text


@dataclass
class Carriers:
    """Ordinary texts with one gap `{}`, and honest sentences that may stand there."""

    frames: list
    fillers: list


def share(name):
    """A number from 0 to 99 that depends on the name alone."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little") % 100


def is_held_apart(group):
    return share(group) < HELD_APART


def corpus():
    """All texts of the corpus, and the carriers of each language."""
    texts, carriers = [], {}
    for folder in sorted(p for p in CORPUS.iterdir() if p.is_dir()):
        lang = folder.name
        for path in sorted(folder.glob("*.txt")):
            for number, _, marks in groups(path):
                group = f"{lang}/{path.stem}:{number}"
                if path.stem == "carriers":
                    kept = carriers.setdefault((lang, is_held_apart(group)), Carriers([], []))
                    kept.frames += marks.get("=", [])
                    kept.fillers += marks.get("~", [])
                    continue
                for mark in "-+":
                    for text in marks.get(mark, []):
                        is_attack = mark == "-"
                        texts.append(Text(text, is_attack, group, lang, "corpus", path.stem, is_hard=not is_attack))
    return texts, carriers


def further(folder, is_for_training=True):
    """The texts of a folder of `*.jsonl.gz`; for training only those that may teach."""
    texts = []
    for path in sorted(Path(folder).glob("*.jsonl*")):
        if path.name.startswith(("secrets", "pii")) or is_for_training and FORBIDDEN_NAMES.match(path.name):
            continue
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for line in data.decode().split("\n"):
            if not line.strip():
                continue
            row = json.loads(line)
            source = row.get("source", path.stem)
            if row["label"] not in ("attack", "benign") or str(row.get("quality", "")).startswith("contextual"):
                continue
            if row.get("category") == "harmful_request" and len(row["text"].split()) < LEAST_WRAPPED:
                continue
            is_attack = row["label"] == "attack"
            is_calibration = FORBIDDEN.search(row.get("license", "none"))
            if is_for_training and is_calibration and (is_attack or source != "machine_calibration"):
                continue
            texts.append(
                Text(
                    row["text"].replace("\0", " "),
                    is_attack,
                    f"{source}/{row.get('document', row.get('id'))}",
                    row.get("lang", "en"),
                    source,
                    str(row.get("category", "")),
                    NOISY.get(source, 1.0) if is_attack else 1.0,
                    row.get("category") == "benign_hard" or row.get("subtype") == "security_doc",
                )
            )
    return texts


def is_for_calibration(text):
    """Whether an honest text of a further set only calibrates."""
    return text.source == "machine_calibration" or share("calibration " + text.group) < FOR_CALIBRATION


def is_unseen(text):
    """Whether a text that would calibrate tests the calibration instead."""
    return share("unseen " + text.group) < UNSEEN


def input_hash(folders):
    """SHA-256 over the names and hashes of all files that were read."""
    files = [*CORPUS.glob("*/*.txt")]
    for folder in folders:
        files += Path(folder).glob("*.jsonl*")
    named = sorted((f"{f.parent.name}/{f.name}", hashlib.sha256(f.read_bytes()).hexdigest()) for f in files)
    return hashlib.sha256("".join(f"{name} {digest}\n" for name, digest in named).encode()).digest()
