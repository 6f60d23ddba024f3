//! What an argument of a tool must be like.

use std::fmt;

use super::decimal::Decimal;
use super::glob::Globs;
use super::regex::Regex;
use crate::error::quoted;

/// One condition on the values at one path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Check {
    pub(crate) path: Vec<Step>,
    pub(crate) test: Test,
}

/// One step from a value to what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(u32),
    /// Every member.
    Each,
}

/// What a value must be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    /// There.
    Required,
    OneOf(Vec<Scalar>),
    Matches(Regex),
    Max(Decimal),
    Min(Decimal),
    /// Characters of a text, members of a list.
    MaxLength(u32),
    /// A URL or mail address whose host is one of these, or such a host.
    Domains(Globs),
}

/// A value that a document can hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    Text(String),
    Number(Decimal),
    Boolean(bool),
    Null,
}

/// A value that a call brings.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument<'a> {
    /// There is none.
    Absent,
    /// A text; for a test of domains, its host.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// A truth value.
    Boolean(bool),
    /// Null.
    Null,
    /// A list of this many members.
    List(usize),
    /// Anything else.
    Other,
}

impl Test {
    /// Whether a value passes. What is absent passes all but `required`; what is of another type passes nothing.
    pub(crate) fn passes(&self, argument: &Argument<'_>) -> bool {
        match (self, argument) {
            (Self::Required, argument) => *argument != Argument::Absent,
            (_, Argument::Absent) => true,
            (Self::OneOf(allowed), _) => allowed.iter().any(|scalar| scalar.is(argument)),
            (Self::Matches(regex), Argument::Text(text)) => regex.matches(text),
            (Self::Max(max), Argument::Number(number)) => *number <= max.value(),
            (Self::Min(min), Argument::Number(number)) => *number >= min.value(),
            (Self::MaxLength(max), Argument::Text(text)) => text.chars().nth(*max as usize).is_none(),
            (Self::MaxLength(max), Argument::List(members)) => *members <= *max as usize,
            (Self::Domains(domains), Argument::Text(host)) => domains.matches(host),
            _ => false,
        }
    }
}

impl Check {
    /// What must hold, for people and models. It shows what the document says and nothing of the call.
    pub(crate) fn message(&self) -> String {
        let must = match &self.test {
            Test::Required => "must be given".to_owned(),
            Test::OneOf(allowed) => {
                let more = if allowed.len() > MAX_SHOWN { " or another allowed value" } else { "" };
                let shown: Vec<String> = allowed.iter().take(MAX_SHOWN).map(Scalar::to_string).collect();
                format!("must be {}{more}", shown.join(" or "))
            }
            Test::Matches(_) => "must match the regular expression of the rule".to_owned(),
            Test::Max(max) => format!("must be a number, at most {max}"),
            Test::Min(min) => format!("must be a number, at least {min}"),
            Test::MaxLength(max) => format!("must not be longer than {max}"),
            Test::Domains(_) => "must lead to a host that the rule allows".to_owned(),
        };
        format!("argument {} {must}", quoted(&written(&self.path)))
    }
}

/// How many allowed values a message shows.
const MAX_SHOWN: usize = 5;

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Number(number) => number.fmt(f),
            Self::Boolean(boolean) => boolean.fmt(f),
            Self::Null => f.write_str("null"),
        }
    }
}

impl Scalar {
    #[expect(clippy::float_cmp, reason = "the same decimal in both")]
    fn is(&self, argument: &Argument<'_>) -> bool {
        match (self, argument) {
            (Self::Text(text), Argument::Text(other)) => text == other,
            (Self::Number(number), Argument::Number(other)) => number.value() == *other,
            (Self::Boolean(boolean), Argument::Boolean(other)) => boolean == other,
            (Self::Null, Argument::Null) => true,
            _ => false,
        }
    }
}

/// A path as people write it, such as `$.items[*].price`.
pub(crate) fn written(path: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Key(key) if is_word(key) => format!(".{key}"),
        Step::Key(key) => format!("[\"{}\"]", key.replace('\\', "\\\\").replace('"', "\\\"")),
        Step::Index(index) => format!("[{index}]"),
        Step::Each => "[*]".to_owned(),
    };
    std::iter::once("$".to_owned()).chain(path.iter().map(step)).collect()
}

fn is_word(key: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
    key.starts_with(is_letter) && key.chars().all(|c| is_letter(c) || c.is_ascii_digit())
}

/// Reads a path: `amount`, `$.items[*].price`, `$["first name"]`, `items[0]`.
pub(crate) fn read_path(source: &str) -> Option<Vec<Step>> {
    let mut path = Vec::new();
    let mut rest = match source.strip_prefix('$') {
        Some(rest) => rest,
        None if source.starts_with('[') => source,
        None => {
            let (step, behind) = named(source)?;
            path.push(step);
            behind
        }
    };
    while !rest.is_empty() {
        let (step, behind) = match rest.strip_prefix('.') {
            Some(name) => named(name)?,
            None => bracketed(rest.strip_prefix('[')?)?,
        };
        path.push(step);
        rest = behind;
    }
    (!path.is_empty()).then_some(path)
}

/// The step of a name without brackets, and what stands behind it.
fn named(source: &str) -> Option<(Step, &str)> {
    let (key, behind) = source.split_at_checked(source.find(['.', '[']).unwrap_or(source.len()))?;
    let is_plain = !key.is_empty() && !key.contains([']', '"', '\'', '\\', '*']);
    let step = if key == "*" { Step::Each } else { is_plain.then(|| Step::Key(key.to_owned()))? };
    Some((step, behind))
}

/// The step before `]`, and what stands behind it.
fn bracketed(source: &str) -> Option<(Step, &str)> {
    let Some(quoted) = source.strip_prefix('"') else {
        let (inside, behind) = source.split_once(']')?;
        let index = || inside.bytes().all(|b| b.is_ascii_digit()).then(|| inside.parse().ok())?;
        return Some((if inside == "*" { Step::Each } else { Step::Index(index()?) }, behind));
    };
    let (mut key, mut rest) = (String::new(), quoted.chars());
    loop {
        match rest.next()? {
            '"' => break,
            '\\' => key.push(rest.next().filter(|c| matches!(c, '"' | '\\'))?),
            c => key.push(c),
        }
    }
    let behind = rest.as_str().strip_prefix(']')?;
    Some((Step::Key(key), behind))
}

#[cfg(test)]
mod tests {
    use super::super::glob::Glob;
    use super::*;

    #[test]
    fn paths_are_read_as_they_are_written() {
        for (source, canonical) in [
            ("amount", "$.amount"),
            ("$.amount", "$.amount"),
            ("items[0].price", "$.items[0].price"),
            ("$.items[*].price", "$.items[*].price"),
            ("$.*", "$[*]"),
            ("[\"a \\\" b\"].c", "$[\"a \\\" b\"].c"),
            ("two words", "$[\"two words\"]"),
        ] {
            let path = read_path(source).expect("valid");
            assert_eq!(written(&path), canonical);
            assert_eq!(read_path(canonical), Some(path));
        }
        for source in
            ["", "$", "a..b", "a[", "a[x]", "a[-1]", "a[+1]", "a[4294967296]", "a[\"b]", ".a", "a.", "a]b", "$a"]
        {
            assert_eq!(read_path(source), None, "{source}");
        }
    }

    #[test]
    fn messages_say_what_must_hold() {
        let check = |test| Check { path: read_path("items[*].price").expect("valid"), test };
        let scalars = vec![Scalar::Text("EUR".to_owned()), Scalar::Number(Decimal(500_000)), Scalar::Null];
        for (test, message) in [
            (Test::Required, "argument `$.items[*].price` must be given"),
            (Test::OneOf(scalars), "argument `$.items[*].price` must be `EUR` or 0.5 or null"),
            (
                Test::OneOf(vec![Scalar::Null; 6]),
                "argument `$.items[*].price` must be null or null or null or null or null or another allowed value",
            ),
            (
                Test::Matches(Regex::new("a").expect("valid")),
                "argument `$.items[*].price` must match the regular expression of the rule",
            ),
            (Test::Max(Decimal(1)), "argument `$.items[*].price` must be a number, at most 0.000001"),
            (Test::Min(Decimal(0)), "argument `$.items[*].price` must be a number, at least 0"),
            (Test::MaxLength(3), "argument `$.items[*].price` must not be longer than 3"),
            (Test::Domains(Globs::default()), "argument `$.items[*].price` must lead to a host that the rule allows"),
        ] {
            assert_eq!(check(test).message(), message);
        }
    }

    #[test]
    fn values_pass_or_do_not() {
        let text = |text: &str| Scalar::Text(text.to_owned());
        let domains = Globs(vec![Glob::new("example.com"), Glob::new("*.example.org")]);
        for (test, argument, passes) in [
            (Test::Required, Argument::Absent, false),
            (Test::Required, Argument::Null, true),
            (Test::Max(Decimal(3_000_000)), Argument::Absent, true),
            (Test::Max(Decimal(3_000_000)), Argument::Number(3.0), true),
            (Test::Max(Decimal(3_000_000)), Argument::Number(f64::NAN), false),
            (Test::Max(Decimal(3_000_000)), Argument::Text("2"), false),
            (Test::Min(Decimal(-1_500_000)), Argument::Number(-1.6), false),
            (Test::MaxLength(2), Argument::Text("é😀"), true),
            (Test::MaxLength(2), Argument::Text("abc"), false),
            (Test::MaxLength(2), Argument::List(3), false),
            (Test::MaxLength(2), Argument::Number(1.0), false),
            (Test::OneOf(vec![text("a"), Scalar::Null]), Argument::Null, true),
            (Test::OneOf(vec![text("1")]), Argument::Number(1.0), false),
            (Test::OneOf(vec![Scalar::Number(Decimal(1_000_000))]), Argument::Number(1.0), true),
            (Test::OneOf(vec![Scalar::Boolean(true)]), Argument::Boolean(false), false),
            (Test::Domains(domains.clone()), Argument::Text("example.com"), true),
            (Test::Domains(domains.clone()), Argument::Text("a.b.example.org"), true),
            (Test::Domains(domains.clone()), Argument::Text("example.org"), false),
            (Test::Domains(domains), Argument::Other, false),
            (Test::Matches(Regex::new("a+").expect("valid")), Argument::Text("aa"), true),
            (Test::Matches(Regex::new("a+").expect("valid")), Argument::List(1), false),
        ] {
            assert_eq!(test.passes(&argument), passes, "{test:?} on {argument:?}");
        }
    }
}
