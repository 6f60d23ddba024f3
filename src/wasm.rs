//! The face towards JavaScript: converts, calls, converts. No other file knows of it.

#![expect(clippy::cast_possible_truncation, reason = "a usize has 32 bits where this file is compiled")]

use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{PolicyEngine, Report, Scanner as Core};
use crate::finding::{Category, Direction, Finding, Severity, Via};
use crate::json::{array, object, string};
use crate::patterns::Pattern;
use crate::policy::{self, Argument, Consequence, Seen, Standing, Subject, Tier};
use crate::redact::Style;
use crate::similarity::{Refusal, Resemblance, Similarity as CoreSimilarity};
use crate::span::{Span, Utf16};
use crate::stream::{Next, Released, Stream as CoreStream};
use crate::verdict::verdict;
use crate::view::disguise::Sought;

/// Scans texts; see `engine::Scanner`.
#[wasm_bindgen]
pub struct Scanner(Core);

#[wasm_bindgen]
impl Scanner {
    /// A scanner whose fingerprints are keyed with these 16 bytes, with the patterns of these files, which `checkPatterns`
    /// accepts, beside the built-in ones.
    #[wasm_bindgen(constructor)]
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "wasm-bindgen hands over owned values")]
    pub fn new(key: &[u8], files: Vec<String>) -> Self {
        let key = key.try_into().unwrap_or_default();
        let with_files = if files.is_empty() { None } else { Core::with_patterns(key, &files).ok() };
        Self(with_files.unwrap_or_else(|| Core::new(key)))
    }

    /// The scanner's patterns as JSON, `[{"id","category","severity","explanation"}]`, in the order of their numbers.
    #[must_use]
    pub fn patterns(&self) -> String {
        array(self.0.patterns().map(entry))
    }

    /// Scans a text that travels to (0) or from (1) the model for everything (0) or for threats alone (1). Nothing, if there is
    /// nothing to report; else the outcome (0 pass, 1 flag, 2 block), the risk score, 1 if the scan is incomplete, and eight
    /// numbers for each finding: pattern index, start and end in UTF-16 code units, score, severity, upper and lower half of
    /// the fingerprint, via.
    pub fn scan(&mut self, text: &str, direction: u8, sought: u8) -> Option<Vec<f64>> {
        numbers(text, &self.0.scan_for(self::sought(sought), text, self::direction(direction), None))
    }

    /// The same with L2 beside the patterns, or alone. Behind the findings come those of L2, whose pattern is -1 for what the
    /// model knows, else -2 less the category of an example. The outcome and the risk are those of the patterns alone.
    #[wasm_bindgen(js_name = scanSimilar)]
    pub fn scan_similar(
        &mut self,
        text: &str,
        direction: u8,
        sought: u8,
        similarity: &mut Similarity,
        with_patterns: bool,
    ) -> Option<Vec<f64>> {
        let Ok(similarity) = &mut similarity.0 else { return self.scan(text, direction, sought) };
        let report = if with_patterns {
            self.0.scan_for(self::sought(sought), text, self::direction(direction), Some(similarity))
        } else {
            self.0.scan_similar_only(text, similarity)
        };
        numbers(text, &report)
    }

    /// The text with personal data and secrets replaced in the given style (0 redacted, 1 typed, 2 mask, 3 hash,
    /// 4 remove), or only what the patterns with the given indices find. Nothing if it could not be searched in full.
    #[allow(clippy::needless_pass_by_value, reason = "wasm-bindgen hands over owned values")]
    pub fn redact(&mut self, text: &str, style: u8, only: Option<Vec<u32>>) -> Option<String> {
        let style = Style::ALL.get(usize::from(style)).copied().unwrap_or(Style::Redacted);
        let only: Option<Vec<usize>> = only.map(|only| only.into_iter().map(|index| index as usize).collect());
        self.0.redact(text, style, only.as_deref())
    }

    /// Traps.
    #[cfg(feature = "trap-for-tests")]
    pub fn trap(&mut self) {
        std::process::abort();
    }
}

/// A text that arrives in pieces; see `stream::Stream`.
#[wasm_bindgen]
#[derive(Default)]
pub struct Stream {
    stream: CoreStream,
    released: Released,
}

#[wasm_bindgen]
impl Stream {
    /// A stream of which nothing has come yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece (`next` 0 more comes, 1 more comes behind this checkpoint, 2 it was the last), and lets go of the
    /// text that is certain now, as it came; at a checkpoint also of the channels that carry data out and end `undecided` UTF-16
    /// code units before it or sooner. Nothing if it could not be searched in full.
    pub fn push(&mut self, scanner: &mut Scanner, piece: &str, next: u8, undecided: Option<usize>) -> Option<String> {
        let next = match next {
            0 => Next::More,
            1 => Next::Checkpoint { undecided },
            _ => Next::End,
        };
        self.released = self.stream.push(&mut scanner.0, piece, next)?;
        Some(self.released.text.clone())
    }

    /// What was found in what was let go last, as `scan` reports it; nothing if nothing was.
    #[must_use]
    pub fn findings(&self) -> Option<Vec<f64>> {
        let Released { text, findings, .. } = &self.released;
        let (verdict, findings) = (verdict(findings), findings.clone());
        numbers(text, &Report { verdict, findings, resemblances: Vec::new(), is_incomplete: false })
    }

    /// What is to be replaced in it: starts and ends in UTF-16 code units.
    #[must_use]
    pub fn replaced(&self) -> Vec<u32> {
        let mut utf16 = Utf16::new(&self.released.text);
        let units = |span: &Span| [utf16.offset(span.start) as u32, utf16.offset(span.end) as u32];
        self.released.replaced.iter().flat_map(units).collect()
    }

    /// Forgets what is held back but for so many UTF-16 code units.
    pub fn cut(&mut self, units: usize) {
        self.stream.cut(units);
    }
}

/// What L2 compares texts with; see `similarity::Similarity`.
#[wasm_bindgen]
pub struct Similarity(Result<CoreSimilarity, Refusal>);

#[wasm_bindgen]
impl Similarity {
    /// The model in these bytes, or `refusal` says why it is none; it reports what scores `threshold` or more.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(model: &[u8], threshold: f32) -> Self {
        Self(CoreSimilarity::new(model, threshold))
    }

    /// Why the model cannot be used: what comes behind "the model …".
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        self.0.as_ref().err().map(ToString::to_string)
    }

    /// Adds an attack of a category. False if there was no room for it.
    #[wasm_bindgen(js_name = addExample)]
    pub fn add_example(&mut self, text: &str, category: usize) -> bool {
        let category = Category::ALL.get(category).copied().unwrap_or(Category::PromptInjection);
        self.0.as_mut().is_ok_and(|similarity| similarity.add_example(text, category))
    }
}

/// Reads policies and holds those in force; see `engine::PolicyEngine`.
#[wasm_bindgen]
pub struct Policies(PolicyEngine);

#[wasm_bindgen]
impl Policies {
    /// No policies yet. They may name the patterns of these files, which `checkPatterns` accepts, beside the built-in ones.
    #[wasm_bindgen(constructor)]
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "wasm-bindgen hands over owned values")]
    pub fn new(files: Vec<String>) -> Self {
        Self(PolicyEngine::new(&files).unwrap_or_default())
    }

    /// Puts policies, by the names they are known under, in force in place of all others. The rules as JSON; or
    /// `{"document":number,"errors":[{"line","column","message"}]}`, and nothing has changed then.
    pub fn set(&mut self, names: Vec<String>, sources: Vec<String>, default_calls: u32) -> String {
        match self.0.set(names.into_iter().zip(sources), default_calls) {
            Ok(()) => self.0.policies().table(),
            Err((document, errors)) => {
                format!(r#"{{"document":{document},{}"#, policy::errors(&errors).trim_start_matches('{'))
            }
        }
    }

    /// The name of a policy that is about to be `set` as `{"name":…}`, or `{"errors":[…]}`.
    pub fn prepare(&mut self, source: &str) -> String {
        match self.0.prepare(source) {
            Ok(name) => object([("name", name.map_or("null".to_owned(), |name| string(&name)))]),
            Err(errors) => policy::errors(&errors),
        }
    }

    /// A policy's name, rules and warnings as JSON, or `{"errors":[…]}`.
    #[must_use]
    pub fn lint(&self, source: &str) -> String {
        match self.0.read(source) {
            Ok(document) => document.outline(),
            Err(errors) => policy::errors(&errors),
        }
    }

    /// What each rule has to do with an agent, see `standing_code`, if only the rules with these numbers are asked.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "wasm-bindgen hands over owned values")]
    pub fn standings(
        &self,
        agent: Option<String>,
        tags: Vec<String>,
        direction: u8,
        asked: Option<Vec<u32>>,
    ) -> Vec<u8> {
        let subject = Subject { agent: agent.as_deref(), tags: &tags };
        let asked: Option<Vec<usize>> = asked.map(|asked| asked.into_iter().map(|number| number as usize).collect());
        let standings = self.0.policies().standings(&subject, self::direction(direction), asked.as_deref());
        standings.into_iter().map(standing_code).collect()
    }

    /// What rules that speak want of a call: pairs of a rule and what it wants (0 fires, 1 counts, 2 checks arguments,
    /// 3 taints the session, 4 guards it).
    #[wasm_bindgen(js_name = judgeTool)]
    #[must_use]
    pub fn judge_tool(&self, speaking: &[u32], tool: &str) -> Vec<u32> {
        let roles = self.0.policies().judge_tool(&self::speaking(speaking), tool);
        roles.into_iter().flat_map(|(rule, role)| [rule as u32, role as u32]).collect()
    }

    /// What follows from findings, of which each is five numbers: pattern (-1 none), category, severity, score, and whether it
    /// blocks by itself (0, 1; -1 if its strength says so). Three for
    /// each consequence: the rule counted from 1 (0 none), the action (0 log, 1 alert, 2 block), the category.
    #[wasm_bindgen(js_name = judgeFindings)]
    #[must_use]
    pub fn judge_findings(&self, speaking: &[u32], findings: &[f64]) -> Vec<u32> {
        let findings: Vec<Seen> = findings.chunks(5).filter_map(seen).collect();
        let consequences = self.0.policies().judge_findings(&self::speaking(speaking), &findings);
        let numbers = |c: Consequence| [c.rule.map_or(0, |rule| rule as u32 + 1), c.action as u32, c.category as u32];
        consequences.into_iter().flat_map(numbers).collect()
    }

    /// Whether an argument passes a check of a rule. What it is: 0 absent, 1 text, 2 number, 3 and 4 false and true, 5 null,
    /// 6 a list of `number` members, else anything else.
    #[must_use]
    pub fn passes(&self, rule: u32, check: u32, kind: u8, number: f64, text: &str) -> bool {
        #[expect(clippy::cast_sign_loss, reason = "the length of a list")]
        let argument = match kind {
            0 => Argument::Absent,
            1 => Argument::Text(text),
            2 => Argument::Number(number),
            3 => Argument::Boolean(false),
            4 => Argument::Boolean(true),
            5 => Argument::Null,
            6 => Argument::List(number as usize),
            _ => Argument::Other,
        };
        self.0.policies().passes(rule as usize, check as usize, &argument)
    }
}

fn numbers(text: &str, report: &Report) -> Option<Vec<f64>> {
    if !report.is_incomplete && report.findings.is_empty() && report.resemblances.is_empty() {
        return None;
    }
    let incomplete = f64::from(u8::from(report.is_incomplete));
    let mut numbers = vec![f64::from(report.verdict.outcome as u8), report.verdict.risk_score, incomplete];
    let mut utf16 = Utf16::new(text);
    #[expect(clippy::cast_precision_loss, reason = "all far below 2^53")]
    let mut add = |pattern: f64, score: f64, severity: Severity, span: Span, via: Via, fingerprint: u64| {
        let (start, end) = (utf16.offset(span.start), utf16.offset(span.end));
        let [high, low] = [fingerprint >> 32, fingerprint & 0xFFFF_FFFF];
        let severity = f64::from(severity as u8);
        let via = f64::from(via.0);
        numbers.extend([pattern, start as f64, end as f64, score, severity, high as f64, low as f64, via]);
    };
    for &Finding { pattern, score, severity, span, via, fingerprint, .. } in &report.findings {
        #[expect(clippy::cast_precision_loss, reason = "there are hundreds of patterns")]
        add(pattern as f64, score, severity, span, via, fingerprint);
    }
    for &Resemblance { category, is_example, score, span, via, fingerprint } in &report.resemblances {
        let pattern = if is_example { -2.0 - f64::from(category as u8) } else { -1.0 };
        add(pattern, score, RESEMBLANCE, span, via, fingerprint);
    }
    Some(numbers)
}

/// How bad a resemblance is. With the weight of this severity the documented thresholds, 0.7 and 0.85, have the strengths at
/// which patterns flag and block.
const RESEMBLANCE: Severity = Severity::High;

fn entry(pattern: &Pattern) -> String {
    object([
        ("id", string(&pattern.id)),
        ("category", string(pattern.category.name())),
        ("severity", string(pattern.severity.name())),
        ("explanation", string(&pattern.explanation)),
    ])
}

/// A standing in a byte: 0–2 why a rule takes no part, 4 and its tier if another one overrules it, 8 and its tier if it
/// speaks.
fn standing_code(standing: Standing) -> u8 {
    match standing {
        Standing::NotAsked => 0,
        Standing::OtherDirection => 1,
        Standing::OtherSubject => 2,
        Standing::Overruled(tier) => 4 + tier as u8,
        Standing::Speaks(tier) => 8 + tier as u8,
    }
}

/// Rules that speak, each as its number times four and its tier.
fn speaking(numbers: &[u32]) -> Vec<(usize, Tier)> {
    let tier = |number: u32| Tier::ALL.get(number as usize % Tier::ALL.len()).copied().unwrap_or(Tier::Everyone);
    numbers.iter().map(|&number| (number as usize / Tier::ALL.len(), tier(number))).collect()
}

fn direction(number: u8) -> Direction {
    if number == 1 { Direction::Output } else { Direction::Input }
}

fn sought(number: u8) -> Sought {
    if number == 1 { Sought::Threats } else { Sought::Everything }
}

#[expect(clippy::cast_sign_loss, reason = "small whole numbers")]
fn seen(numbers: &[f64]) -> Option<Seen> {
    let &[pattern, category, severity, score, blocks] = numbers else { return None };
    Some(Seen {
        pattern: (pattern >= 0.0).then_some(pattern as usize),
        category: *Category::ALL.get(category as usize)?,
        severity: *Severity::ALL.get(severity as usize)?,
        score,
        blocks: (blocks >= 0.0).then_some(blocks > 0.0),
    })
}

/// The outcome and the risk score of findings, of which each is three numbers: category, severity, score.
#[wasm_bindgen(js_name = weighFindings)]
#[must_use]
#[allow(unreachable_pub, reason = "the generated code re-exports and calls it")]
pub fn weigh_findings(findings: &[f64]) -> Vec<f64> {
    let finding = |numbers: &[f64]| {
        let Seen { category, severity, score, .. } = seen(&[&[-1.0], numbers, &[-1.0]].concat())?;
        let (span, via) = (Span::default(), Via::default());
        Some(Finding { pattern: 0, category, severity, score, span, via, fingerprint: 0 })
    };
    let verdict = verdict(&findings.chunks(3).filter_map(finding).collect::<Vec<_>>());
    vec![f64::from(verdict.outcome as u8), verdict.risk_score]
}

/// The cases of a policy test as JSON, or `{"errors":[…]}`.
#[wasm_bindgen(js_name = readPolicyCases)]
#[must_use]
#[allow(unreachable_pub, reason = "the generated code re-exports and calls it")]
pub fn read_policy_cases(source: &str) -> String {
    policy::read_cases(source).unwrap_or_else(|error| policy::errors(&[error]))
}

/// What is wrong with the first pattern file that cannot be used, behind its number in brackets; nothing if all can.
#[wasm_bindgen(js_name = checkPatterns)]
#[must_use]
#[allow(unreachable_pub, clippy::needless_pass_by_value, reason = "the generated code re-exports and calls it")]
pub fn check_patterns(files: Vec<String>) -> Option<String> {
    let refused = Core::with_patterns([0; 16], &files).err();
    refused.map(|(file, message)| format!("[{file}]: {message}"))
}
