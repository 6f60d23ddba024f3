"""Gathers honest documents that lie on any developer's machine, as further data for `make model`.

    python3 training/machine_documents.py FOLDER

Writes FOLDER/{code,docs}.jsonl.gz, whose licences (MIT, Apache, PSF) allow training, and FOLDER/calibration.jsonl.gz (manual
pages and translations of programs, many of them GPL), which only calibrates. Long, short, and in some twenty languages.
"""

import gettext
import gzip
import html
import json
import random
import re
import sys
from pathlib import Path

HOME = Path.home()
LANGUAGES = "ar de es fr hi it ja ko nl pl pt ru tr zh".split()
MOST_CHARACTERS = 8000


def text_of_html(source):
    main = re.search(r"<main>(.*)</main>", source, re.S)
    source = re.sub(r"<(script|style|nav)\b.*?</\1>", " ", main.group(1) if main else source, flags=re.S)
    source = re.sub(r"<(/p|/h\d|/li|/pre|br|/tr|/section)[^>]*>", "\n", source)
    return re.sub(r"\n\s*\n+", "\n\n", html.unescape(re.sub(r"<[^>]+>", "", source)))


def text_of_roff(source):
    lines = []
    for line in source.splitlines():
        if re.match(r"\.\\\"|'\\\"|\.(TH|de|ie|el|if|so|nr|ds)\b", line):
            continue
        line = re.sub(r"^[.'][A-Za-z]{1,2}\b ?", "", line)
        line = re.sub(r"\\f.|\\s[+-]?\d|\\&|\\\^|\\\||\\%", "", line)
        line = re.sub(r"\\\(..|\\\[\w+\]", " ", line).replace("\\-", "-").replace("\\e", "\\")
        lines.append(line)
    return "\n".join(lines)


def read(path):
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    return data.decode("utf-8", "ignore")


def cut(text, rng):
    """Stretches of a document: a paragraph, a page, a long chapter."""
    paragraphs = [p.strip() for p in text.split("\n\n") if len(p.strip()) > 40]
    at = 0
    while at < len(paragraphs):
        wanted = rng.choice([120, 300, 600, 1200, 2500, 5000, 8000])
        part, size = [], 0
        while at < len(paragraphs) and size < wanted:
            part.append(paragraphs[at])
            size += len(paragraphs[at]) + 2
            at += 1
        yield "\n\n".join(part)[:MOST_CHARACTERS]


def documents(paths, extract, lang, limit, rng):
    paths = sorted(paths)
    rng.shuffle(paths)
    count = 0
    for path in paths:
        if count >= limit:
            return
        try:
            text = extract(read(path))
        except (OSError, ValueError):
            continue
        for number, part in enumerate(cut(text, rng)):
            if number >= 12 or count >= limit:
                break
            count += 1
            yield {"text": part, "lang": lang, "document": str(path)}


def translations(lang, rng, limit):
    """Sentences of programs in a language, alone and several together."""
    texts = set()
    for path in sorted(Path("/usr/share/locale").glob(f"{lang}*/LC_MESSAGES/*.mo")) + sorted(
        Path("/usr/share/vim").glob(f"*/lang/{lang}*/LC_MESSAGES/*.mo")
    ):
        try:
            with path.open("rb") as file:
                catalog = gettext.GNUTranslations(file)._catalog
        except (OSError, ValueError, UnicodeDecodeError):
            continue
        texts.update(t for t in catalog.values() if isinstance(t, str) and 20 < len(t) < 2000)
    texts = sorted(texts)
    rng.shuffle(texts)
    at = 0
    for _ in range(limit):
        size = rng.choice([1, 1, 1, 2, 4, 10, 40])
        part = texts[at : at + size]
        at += size
        if not part:
            return
        yield {"text": "\n".join(part)[:MOST_CHARACTERS], "lang": lang, "document": f"messages {lang}"}


def write(path, rows, licence, source):
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        count = 0
        for count, row in enumerate(rows, 1):
            row |= {"id": f"{source}-{count}", "label": "benign", "license": licence, "source": source}
            file.write((json.dumps(row, ensure_ascii=False) + "\n").encode())
    print(f"{path}: {count}")


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(1)
    toolchain = sorted((HOME / ".rustup/toolchains").iterdir())[0] / "share/doc"
    books = [p for p in toolchain.rglob("*.html") if not re.search(r"core/arch|/src/|print\.html|/simd/", str(p))]

    def docs():
        yield from documents(books, text_of_html, "en", 14000, rng)
        for lang in LANGUAGES:
            here = [p for p in toolchain.rglob("*.html") if f"/{lang}/" in str(p)]
            yield from documents(here, text_of_html, lang, 1500, rng)
        notes = [*Path("node_modules").rglob("*.md"), *(HOME / ".cargo/registry/src").rglob("*.md")]
        yield from documents(notes, str, "en", 5000, rng)

    def code():
        sources = list((HOME / ".pyenv/versions").glob("*/lib/python3*/*.py"))
        sources += list((HOME / ".pyenv/versions").glob("*/lib/python3*/*/*.py"))
        yield from documents(sources, str, "en", 5000, rng)
        yield from documents((HOME / ".cargo/registry/src").rglob("*.rs"), str, "en", 4000, rng)
        scripts = [p for p in Path("node_modules").rglob("*") if p.suffix in (".ts", ".js", ".json") and p.is_file()]
        yield from documents(scripts[:20000], str, "en", 4000, rng)

    def calibration():
        manual = Path("/usr/share/man")
        yield from documents(manual.glob("man*/*.gz"), text_of_roff, "en", 12000, rng)
        for lang in LANGUAGES:
            yield from documents(manual.glob(f"{lang}*/man*/*.gz"), text_of_roff, lang, 2500, rng)
            yield from translations(lang, rng, 2500)
        yield from documents(Path("/usr/share/doc").rglob("*"), str, "en", 4000, rng)

    write(folder / "docs.jsonl.gz", docs(), "MIT/Apache-2.0", "machine_docs")
    write(folder / "code.jsonl.gz", code(), "MIT/Apache-2.0/PSF-2.0", "machine_code")
    write(folder / "calibration.jsonl.gz", calibration(), "GPL and others", "machine_calibration")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
