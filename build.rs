//! Compiles the pattern files and the Unicode data into the tables that the crate includes.
//!
//! A bad pattern file fails the build with its path, line and column. Texts that only tests need go to a file of their
//! own, so that they never reach the shipped binary.

#![allow(dead_code, unreachable_pub, reason = "modules shared with the crate hold more than the build uses")]

#[path = "src/anchor.rs"]
mod anchor;
#[path = "src/error.rs"]
mod error;
#[path = "src/finding.rs"]
mod finding;
#[path = "build/fold.rs"]
mod fold;
#[path = "src/lexicon/forms.rs"]
mod forms;
#[path = "src/leb128.rs"]
mod leb128;
#[path = "src/lexicon/mod.rs"]
mod lexicon;
#[path = "build/lexicon.rs"]
mod lexicons;
#[path = "build/pack.rs"]
mod pack;
#[path = "build/sort.rs"]
mod sort;
#[path = "src/span.rs"]
mod span;
#[path = "src/word_hash.rs"]
mod word_hash;
#[path = "src/yaml.rs"]
mod yaml;
#[path = "src/view"]
mod view {
    pub(crate) mod table;
    pub(crate) mod words;
}
#[path = "src/patterns"]
mod patterns {
    pub(crate) mod checksum;
    pub(crate) mod compile;
    pub(crate) mod node;
    pub(crate) mod packed;
    pub(crate) mod pattern;
    pub(crate) mod program;
    pub(crate) mod reach;
    pub(crate) mod structure;
    pub(crate) mod tables;
    pub(crate) mod validators;
    pub(crate) mod words;
}

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use fold::OwnedFoldTable;
use patterns::compile::Compiler;
use patterns::compile::file::{self, PatternFile};
use patterns::compile::syntax;
use view::table::FoldTable;

const PATTERNS: &str = "src/patterns";
const LEXICONS: &str = "src/lexicon";
const FRAGMENTS: &str = "src/patterns/fragments.yaml";
/// Ordinary text: the patterns must be silent on it, and the gates are chosen to be rare in it.
const BENIGN: &str = "tests/fixtures/benign";
/// Texts in all languages, whose words must not be taken for others.
const KNOWN: [&str; 3] = [BENIGN, "tests/languages", "training/corpus"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src");
    for folder in KNOWN {
        println!("cargo::rerun-if-changed={folder}");
    }
    if let Err(message) = build() {
        println!("cargo::error={message}");
        process::exit(1);
    }
}

fn build() -> Result<(), String> {
    let out = PathBuf::from(env::var("OUT_DIR").map_err(|error| error.to_string())?);
    let fold = OwnedFoldTable::build();
    let mut compiler = Compiler::new(&texts(Path::new(BENIGN)).concat());
    let files = pattern_files(&mut compiler, &fold.borrow())?;
    let packable = compiler.finish().map_err(|error| error.to_string())?;
    write(&out.join("fold_table.rs"), fold_source(&fold.borrow()).as_bytes())?;
    let known: Vec<String> = KNOWN.iter().flat_map(|folder| texts(Path::new(folder))).collect();
    write(&out.join("lexicon.bin"), &lexicons::pack(Path::new(LEXICONS), &fold.borrow(), &known)?)?;
    let (numbers, texts) = pack::pack(&packable);
    write(&out.join("patterns.bin"), &numbers)?;
    write(&out.join("patterns.txt"), texts.as_bytes())?;
    write(&out.join("cases.rs"), cases_source(&files).as_bytes())
}

/// A pattern file with the regular expression it stands for.
struct Compiled {
    file: PatternFile,
    expanded: String,
}

fn pattern_files(compiler: &mut Compiler, table: &FoldTable<'_>) -> Result<Vec<Compiled>, String> {
    let fragments = read(Path::new(FRAGMENTS))?;
    let fragments = read_fragments(&fragments).map_err(|error| format!("{FRAGMENTS}: {error}"))?;
    let mut files: Vec<Compiled> = Vec::new();
    for path in yaml_files(Path::new(PATTERNS)) {
        let named = |error: error::Error| format!("{}: {error}", path.display());
        let file = file::read(&read(&path)?).map_err(named)?;
        if path.file_stem().and_then(|stem| stem.to_str()) != Some(&file.id) {
            return Err(format!("{}: the file must be named `{}.yaml`", path.display(), file.id));
        }
        if files.iter().any(|other| other.file.id == file.id) {
            return Err(format!("{}: id `{}` is used twice", path.display(), file.id));
        }
        let expand = |regex: &String| syntax::expand(regex, file.reads, &fragments, table);
        let unless = file.unless.as_ref().map(expand).transpose();
        let expanded = unless
            .and_then(|unless| {
                let expanded = expand(&file.pattern)?;
                compiler.add(&file, &expanded, unless.as_deref()).map(|()| expanded)
            })
            .map_err(|error| named(error.or_at(file.position)))?;
        files.push(Compiled { file, expanded });
    }
    Ok(files)
}

/// Reads the fragments file: a map from names to regular expressions.
fn read_fragments(source: &str) -> Result<Vec<(String, String)>, error::Error> {
    yaml::parse(source)?.map()?.iter().map(|entry| Ok((entry.key.clone(), entry.node.text()?.to_owned()))).collect()
}

/// The pattern files, in the order of their paths, which is the order of the patterns.
fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    let mut files = Vec::new();
    for path in entries {
        if path.is_dir() {
            files.extend(yaml_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") && path != Path::new(FRAGMENTS) {
            files.push(path);
        }
    }
    files
}

/// The texts in a folder and in those inside it, in the order of their paths.
fn texts(folder: &Path) -> Vec<String> {
    let mut paths: Vec<_> = fs::read_dir(folder).into_iter().flatten().filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    let texts = paths.iter().flat_map(|path| match fs::read_to_string(path) {
        Ok(text) => vec![text],
        Err(_) => texts(path),
    });
    texts.collect()
}

fn fold_source(table: &FoldTable<'_>) -> String {
    let FoldTable { pages, leaves, pool } = table;
    format!("FoldTable {{ pages: &{pages:?}, leaves: &{leaves:?}, pool: &{pool:?} }}")
}

/// For each pattern a test, and all that the tests need to know.
fn cases_source(files: &[Compiled]) -> String {
    let mut source = String::from("static CASES: &[Case] = &[\n");
    for Compiled { file, expanded } in files {
        let PatternFile { id, references, structures, examples, counterexamples, .. } = file;
        let _ = writeln!(
            source,
            "Case {{ id: {id:?}, regex: {expanded:?}, references: &{references:?}, structures: &{structures:?}, examples: &{examples:?}, \
             counterexamples: &{counterexamples:?} }},"
        );
    }
    source.push_str("];\n");
    for (number, Compiled { file, .. }) in files.iter().enumerate() {
        let name = file.id.replace('.', "_");
        let _ = writeln!(source, "#[test] fn {name}() {{ check({number}); }}");
    }
    source
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}
