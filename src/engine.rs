//! The order of the layers, and nothing else: text → views → findings → verdict; and the policies that know the patterns'
//! names.

use crate::error::Error;
use crate::finding::{Direction, Finding};
use crate::fingerprint::fingerprint;
use crate::mention::weigh;
use crate::patterns::{Finder, Pattern, Patterns, Tail, custom, each_word, knows_word, strongest};
use crate::policy::{self, Document, Policies};
use crate::redact::{Style, redact};
use crate::similarity::{Resemblance, Similarity};
use crate::siphash::Key;
use crate::sort::sort_by_key;
use crate::verdict::{Verdict, reported, verdict};
use crate::view::View;
use crate::view::disguise::{Layer, Sought, undo};
use crate::view::words::Words;

/// Memory for folded texts that a scanner keeps between scans.
const KEPT_BYTES: usize = 1 << 20;

/// The words that patterns look for.
static WORDS: Words = Words::new(each_word, knows_word);

/// Scans texts. It keeps no text, only memory to reuse.
pub struct Scanner {
    key: Key,
    patterns: Patterns,
    finder: Finder,
    folded: Vec<u8>,
}

/// What a scan found.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What L1 says.
    pub verdict: Verdict,
    /// What is worth reporting, sorted by start. Threats do not overlap threats, nor data data.
    pub findings: Vec<Finding>,
    /// What L2 found, sorted by start.
    pub resemblances: Vec<Resemblance>,
    /// The text was made so that matching it all would take too long; something may have been missed.
    pub is_incomplete: bool,
}

/// Whether a pattern is looked for, by its number.
type IsWanted<'w> = &'w dyn Fn(usize, &Pattern) -> bool;

/// What to look for: what it may be in disguise, patterns, by their numbers, and what resembles attacks.
struct Wanted<'w> {
    sought: Sought,
    /// Where what stands in the text itself may begin.
    from: usize,
    patterns: Option<IsWanted<'w>>,
    similarity: Option<&'w mut Similarity>,
}

/// What shows in a text in any view, without fingerprints; some of it twice.
#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    resemblances: Vec<Resemblance>,
    is_incomplete: bool,
}

impl Scanner {
    /// A scanner whose fingerprints and hashes are keyed with `key`.
    #[must_use]
    pub fn new(key: [u8; 16]) -> Self {
        Self { key: Key::new(key), patterns: Patterns::default(), finder: Finder::default(), folded: Vec::new() }
    }

    /// The same with patterns of the user's: files in the format of the built-in ones.
    ///
    /// # Errors
    ///
    /// The number of the first file that cannot be used, and what is wrong with it and where.
    pub fn with_patterns<S: AsRef<str>>(key: [u8; 16], files: &[S]) -> Result<Self, (usize, String)> {
        let patterns = custom::with_files(files).map_err(|(file, error)| (file, error.to_string()))?;
        Ok(Self { patterns, ..Self::new(key) })
    }

    /// The patterns in the order of their numbers.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.patterns.all()
    }

    /// The pattern with the number that a finding gives; those of the user follow the built-in ones.
    #[must_use]
    pub fn pattern(&self, index: usize) -> Option<&Pattern> {
        self.patterns.get(index)
    }

    /// Looks for everything that matters in a text travelling in this direction.
    pub fn scan(&mut self, text: &str, direction: Direction) -> Report {
        self.scan_for(Sought::Everything, text, direction, None)
    }

    /// Looks for what is sought in a text travelling in this direction, by L2 beside the patterns if it is given.
    pub fn scan_for(
        &mut self,
        sought: Sought,
        text: &str,
        direction: Direction,
        similarity: Option<&mut Similarity>,
    ) -> Report {
        let patterns = |_: usize, pattern: &Pattern| pattern.applies_to(direction);
        self.report(text, Wanted { sought, from: 0, patterns: Some(&patterns), similarity })
    }

    /// Looks for what resembles attacks, and for no pattern.
    pub fn scan_similar_only(&mut self, text: &str, similarity: &mut Similarity) -> Report {
        self.report(text, Wanted { sought: Sought::Everything, from: 0, patterns: None, similarity: Some(similarity) })
    }

    fn report(&mut self, text: &str, wanted: Wanted<'_>) -> Report {
        let Found { findings, mut resemblances, is_incomplete } = self.find(text, wanted);
        let findings = if findings.is_empty() { findings } else { self.strongest(text, findings) };
        for resemblance in &mut resemblances {
            resemblance.fingerprint = fingerprint(text, resemblance.span, &self.key);
        }
        sort_by_key(&mut resemblances, |resemblance| resemblance.span);
        Report { verdict: verdict(&findings), findings, resemblances, is_incomplete }
    }

    /// The findings in a text that stay where some overlap, with their fingerprints.
    pub(crate) fn strongest(&self, text: &str, findings: Vec<Finding>) -> Vec<Finding> {
        let mut findings = strongest(findings);
        for finding in &mut findings {
            finding.fingerprint = fingerprint(text, finding.span, &self.key);
        }
        findings
    }

    /// Goes on with the attempts on a text that goes on, see `Finder::go_on`; nothing if they take too long.
    pub(crate) fn go_on(&mut self, text: &str, limit: usize, tail: &mut Tail) -> Option<()> {
        self.finder.go_on(&self.patterns, text.as_bytes(), limit, tail).ok()
    }

    /// Personal data and secrets that do not begin before `from`, sorted by start; nothing if the search takes too long.
    pub(crate) fn find_data(&mut self, text: &str, from: usize) -> Option<Vec<Finding>> {
        let patterns = |_: usize, pattern: &Pattern| !pattern.category.is_threat();
        let wanted = Wanted { sought: Sought::Data, from, patterns: Some(&patterns), similarity: None };
        let Found { mut findings, is_incomplete, .. } = self.find(text, wanted);
        findings.retain(|finding| finding.span.start >= from);
        sort_by_key(&mut findings, |finding| (finding.span, finding.pattern));
        (!is_incomplete).then_some(findings)
    }

    /// The text without its personal data and secrets, or without what the patterns with the given indices find. Nothing
    /// if the text was made so that searching it all would take too long: what was missed must not get out.
    pub fn redact(&mut self, text: &str, style: Style, only: Option<&[usize]>) -> Option<String> {
        let is_wanted = |index: usize, pattern: &Pattern| match only {
            Some(only) => only.contains(&index),
            None => !pattern.category.is_threat(),
        };
        let has_threats =
            self.patterns.all().enumerate().any(|(n, pattern)| pattern.category.is_threat() && is_wanted(n, pattern));
        let sought = if has_threats { Sought::Everything } else { Sought::Data };
        let wanted = Wanted { sought, from: 0, patterns: Some(&is_wanted), similarity: None };
        let Found { mut findings, is_incomplete, .. } = self.find(text, wanted);
        sort_by_key(&mut findings, |finding| (finding.span, finding.pattern));
        (!is_incomplete).then(|| redact(text, &findings, &self.patterns, style, &self.key))
    }

    /// What shows in the text itself and in what can be read out of it.
    fn find(&mut self, text: &str, Wanted { sought, from, patterns: wanted, mut similarity }: Wanted<'_>) -> Found {
        let Self { finder, folded, patterns, .. } = self;
        let Found { mut findings, mut resemblances, mut is_incomplete } = Found::default();
        let mut see = |text: &str, layer: Option<&Layer<'_>>| {
            let view = View { from: layer.map_or(from, |_| 0), ..View::new(text, folded) };
            let sought = layer.map_or(sought, |layer| layer.sought);
            if let Some(similarity) = similarity.as_deref_mut().filter(|_| sought != Sought::Data) {
                resemblances.extend(similarity.search(&view).into_iter().filter_map(|found| {
                    let Some(layer) = layer else { return Some(found) };
                    let (span, via) = layer.locate(found.span)?;
                    Some(Resemblance { span, via: found.via.with(via), ..found })
                }));
            }
            let Some(wanted) = wanted else { return };
            let found = finder.find(patterns, &view, |n, pattern| sought.has(pattern.category) && wanted(n, pattern));
            is_incomplete |= found.is_incomplete;
            findings.extend(found.findings.into_iter().filter_map(|finding| {
                let Some(layer) = layer else { return Some(finding) };
                let (span, via) = layer.locate(finding.span)?;
                Some(Finding { span, via: finding.via.with(via), ..finding })
            }));
        };
        see(text, None);
        let is_undone = undo(text, &WORDS, sought, &mut |layer| see(layer.text(), Some(layer)));
        self.folded.clear();
        self.folded.shrink_to(KEPT_BYTES);
        if !findings.is_empty() {
            weigh(text, &mut findings);
            findings = reported(findings);
        }
        Found { findings, resemblances, is_incomplete: is_incomplete || !is_undone }
    }
}

/// Reads policies and holds those in force.
#[derive(Default)]
pub struct PolicyEngine {
    patterns: Patterns,
    policies: Policies,
    /// What was read and is about to be put in force.
    prepared: Vec<(String, Document)>,
}

impl PolicyEngine {
    /// An engine without policies, which may name the patterns of these files, too.
    ///
    /// # Errors
    ///
    /// The number of the first file that cannot be used, and what is wrong with it.
    pub fn new<S: AsRef<str>>(files: &[S]) -> Result<Self, (usize, Error)> {
        let patterns = if files.is_empty() { Patterns::default() } else { custom::with_files(files)? };
        Ok(Self { patterns, ..Self::default() })
    }

    /// The policies in force.
    #[must_use]
    pub fn policies(&self) -> &Policies {
        &self.policies
    }

    /// Puts these documents, by the names they are known under, in force in place of all others. `default_calls` is what a
    /// rate limit that names no limit allows in a minute.
    ///
    /// # Errors
    ///
    /// The number of the first document that cannot be used, and what is wrong with it; nothing has changed then.
    pub fn set(
        &mut self,
        documents: impl IntoIterator<Item = (String, String)>,
        default_calls: u32,
    ) -> Result<(), (usize, Vec<Error>)> {
        let mut prepared = std::mem::take(&mut self.prepared);
        let mut read = Vec::new();
        for (number, (name, source)) in documents.into_iter().enumerate() {
            let document = match prepared.iter().position(|(other, _)| *other == source) {
                Some(at) => prepared.swap_remove(at).1,
                None => self.read(&source).map_err(|errors| (number, errors))?,
            };
            read.push((name, document));
        }
        let ids: Vec<&str> = self.patterns.all().map(|pattern| &*pattern.id).collect();
        self.policies = Policies::new(read, &ids, default_calls);
        Ok(())
    }

    /// The name of a document that is about to be put in force, which then is not read again.
    ///
    /// # Errors
    ///
    /// As `read`; what was prepared before is forgotten then.
    pub fn prepare(&mut self, source: &str) -> Result<Option<String>, Vec<Error>> {
        match self.read(source) {
            Ok(document) => {
                let name = document.name.clone();
                self.prepared.push((source.to_owned(), document));
                Ok(name)
            }
            Err(errors) => {
                self.prepared.clear();
                Err(errors)
            }
        }
    }

    /// The document in `source`.
    ///
    /// # Errors
    ///
    /// One for each rule that cannot be used, or the one for which the document cannot be read at all.
    pub fn read(&self, source: &str) -> Result<Document, Vec<Error>> {
        let data = self.patterns.all().filter(|pattern| !pattern.category.is_threat());
        policy::read(source, &data.map(|pattern| &*pattern.id).collect::<Vec<_>>())
    }
}
