//! What a scan finds, in the words that policies and events use.

use crate::span::Span;

/// The kind of harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Overrides, extraction of the system prompt, spoofed turns, indirect instructions, tool poisoning.
    PromptInjection,
    /// Personas, developer mode, policy puppetry, refusal suppression.
    Jailbreak,
    /// Sending data out: URL, mail, beacon, DNS.
    DataExfiltration,
    /// Destructive or intruding arguments of tools: shell, SQL, paths, internal addresses.
    ToolAbuse,
    /// Personal data.
    PiiDetection,
    /// Credentials.
    SecretDetection,
    /// Behaviour unlike an agent's own before. No pattern finds it.
    Anomaly,
}

impl Category {
    /// Those that patterns may have.
    pub const OF_PATTERNS: [Self; 6] = [
        Self::PromptInjection,
        Self::Jailbreak,
        Self::DataExfiltration,
        Self::ToolAbuse,
        Self::PiiDetection,
        Self::SecretDetection,
    ];

    /// Every category, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::PromptInjection,
        Self::Jailbreak,
        Self::DataExfiltration,
        Self::ToolAbuse,
        Self::PiiDetection,
        Self::SecretDetection,
        Self::Anomaly,
    ];

    /// The name that policies, events and pattern files use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PromptInjection => "prompt_injection",
            Self::Jailbreak => "jailbreak",
            Self::DataExfiltration => "data_exfiltration",
            Self::ToolAbuse => "tool_abuse",
            Self::PiiDetection => "pii_detection",
            Self::SecretDetection => "secret_detection",
            Self::Anomaly => "anomaly",
        }
    }

    /// Whether it is an attack, and not data that has to be kept in.
    #[must_use]
    pub const fn is_threat(self) -> bool {
        !matches!(self, Self::PiiDetection | Self::SecretDetection)
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth a log line.
    Low,
    /// Worth a look.
    Medium,
    /// Harmful if it is what it looks like.
    High,
    /// Harmful for certain.
    Critical,
}

impl Severity {
    /// Every severity, mildest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name that policies, events and pattern files use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// One step milder.
    #[must_use]
    pub const fn lowered(self) -> Self {
        match self {
            Self::Low | Self::Medium => Self::Low,
            Self::High => Self::Medium,
            Self::Critical => Self::High,
        }
    }
}

/// In which direction a text travels, seen from the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the model: prompts, tool results, retrieved documents.
    Input,
    /// From the model: answers.
    Output,
}

impl Direction {
    /// What documents may say that something is for, and what they call it; none is both.
    pub(crate) const CHOICES: [(Option<Self>, &str); 3] =
        [(Some(Self::Input), "input"), (Some(Self::Output), "output"), (None, "both")];
}

/// How a text had to be read for the finding to show: a set of the constants below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Via(pub u32);

impl Via {
    /// Invisible characters were taken out.
    pub const ZERO_WIDTH: Self = Self(1);
    /// Compatibility forms (full width, mathematical letters, ligatures) were unfolded.
    pub const COMPATIBILITY: Self = Self(1 << 1);
    /// Letters of another script were read as the Latin letters they look like.
    pub const CONFUSABLES: Self = Self(1 << 2);
    /// Diacritics were taken off.
    pub const DIACRITICS: Self = Self(1 << 3);
    /// Unicode Tag characters, which nobody sees, were read as the ASCII they stand for.
    pub const UNICODE_TAGS: Self = Self(1 << 4);
    /// Variation selectors, which nobody sees, were read as the bytes they stand for.
    pub const VARIATION_SELECTORS: Self = Self(1 << 5);
    /// Digits and signs were read as the letters they look like.
    pub const LEETSPEAK: Self = Self(1 << 6);
    /// Letters that stood apart were put together.
    pub const SPACED_LETTERS: Self = Self(1 << 7);
    /// Words broken by hyphens or over lines were put together.
    pub const SPLIT_WORDS: Self = Self(1 << 8);
    /// HTML character references were decoded.
    pub const HTML_ENTITIES: Self = Self(1 << 9);
    /// HTML comments were taken out.
    pub const HTML_COMMENTS: Self = Self(1 << 10);
    /// URL escapes were decoded.
    pub const PERCENT: Self = Self(1 << 11);
    /// Base64 was decoded.
    pub const BASE64: Self = Self(1 << 12);
    /// Hexadecimal bytes were decoded.
    pub const HEX: Self = Self(1 << 13);
    /// Letters were moved thirteen places.
    pub const ROT13: Self = Self(1 << 14);
    /// Backslash escapes, as in JSON and source code, were decoded.
    pub const UNICODE_ESCAPES: Self = Self(1 << 15);
    /// Words with a mistyped letter or a blank in them were read as they were meant.
    pub const TYPOS: Self = Self(1 << 16);

    /// The names in bit order, for results and documentation.
    pub const NAMES: [&'static str; 17] = [
        "zero_width",
        "compatibility",
        "confusables",
        "diacritics",
        "unicode_tags",
        "variation_selectors",
        "leetspeak",
        "spaced_letters",
        "split_words",
        "html_entities",
        "html_comments",
        "percent",
        "base64",
        "hex",
        "rot13",
        "unicode_escapes",
        "typos",
    ];

    /// The set with the members of `other` added.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The set without the members of `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the set has no member.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the set has a member of `other`.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// One thing found in a text. It holds no part of the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// Index of the pattern in [`crate::patterns::builtin`].
    pub pattern: usize,
    /// Kind of harm.
    pub category: Category,
    /// How bad; a validator may have changed what the pattern says.
    pub severity: Severity,
    /// How sure, 0–1.
    pub score: f64,
    /// Bytes of the original text.
    pub span: Span,
    /// How it was seen.
    pub via: Via,
    /// Keyed 64-bit similarity hash of the matched window.
    pub fingerprint: u64,
}
