//! Makes the folding table from the Unicode data: NFKD, lower case, no diacritics, confusable letters as Latin ones,
//! every blank a space, quotes and dashes in their ASCII form.
//!
//! Only what an attacker can hide behind is folded. Indic vowel signs stay, since words fall apart without them, and
//! scripts whose letters only happen to look like Latin ones (Arabic, Hebrew, Han, kana) keep their letters.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    reason = "a table that does not fit must stop the build, and its numbers are checked to fit"
)]

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_security::confusable_detection::skeleton;

use crate::finding::Via;
use crate::view::table::{FoldTable, INVISIBLE, MARK, PAGE};

/// Code points from here on are in no page.
const LIMIT: usize = 0x2_0000;
/// Leaf values below this one have meanings of their own.
const FIRST_OFFSET: usize = 3;

/// The table with its storage.
pub struct OwnedFoldTable {
    pub pages: Vec<u8>,
    pub leaves: Vec<u16>,
    pub pool: Vec<u8>,
}

impl OwnedFoldTable {
    pub fn borrow(&self) -> FoldTable<'_> {
        FoldTable { pages: &self.pages, leaves: &self.leaves, pool: &self.pool }
    }

    pub fn build() -> Self {
        let digits = decimal_digits();
        let mut pool = vec![0; FIRST_OFFSET];
        let mut offsets = HashMap::new();
        let mut pages = Vec::new();
        let mut leaves: Vec<u16> = Vec::new();
        let mut numbers: HashMap<Vec<u16>, u8> = HashMap::new();
        for page in 0..LIMIT / PAGE {
            let leaf: Vec<u16> = (page * PAGE..(page + 1) * PAGE)
                .map(|code| match char::from_u32(code as u32).map(|c| read(c, &digits)) {
                    None | Some(Read::Same) => 0,
                    Some(Read::Invisible) => INVISIBLE,
                    Some(Read::Mark) => MARK,
                    Some(Read::Text(text, via)) => *offsets.entry((text, via.0)).or_insert_with_key(|(text, via)| {
                        let offset = pool.len() as u16;
                        pool.push(text.len() as u8 | (*via as u8) << 4);
                        pool.extend(text.as_bytes());
                        offset
                    }),
                })
                .collect();
            let number = *numbers.entry(leaf).or_insert_with_key(|leaf| {
                let number = leaves.len() / PAGE;
                leaves.extend(leaf);
                u8::try_from(number).expect("at most 256 different pages")
            });
            pages.push(number);
        }
        assert!(pool.len() < usize::from(u16::MAX), "offsets fit 16 bits");
        Self { pages, leaves, pool }
    }
}

enum Read {
    Same,
    Invisible,
    Mark,
    Text(String, Via),
}

fn read(c: char, digits: &HashMap<char, char>) -> Read {
    match c {
        // Hangul syllables decompose by rule, and of the compatibility forms these hide no word that anybody uses:
        // radicals, squared and circled words, Han doubles, Arabic ligatures. Left out, they save ten kilobytes.
        '\0'..='\x7F'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{2E80}'..='\u{2FDF}'
        | '\u{3130}'..='\u{33FF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FBEA}'..='\u{FDFF}'
        | '\u{1F200}'..='\u{1F2FF}' => return Read::Same,
        '\u{2028}' | '\u{2029}' | '\u{85}' => return Read::Text("\n".into(), Via::default()),
        _ if is_invisible(c) => return Read::Invisible,
        _ if is_mark(c) => return Read::Mark,
        _ if c.is_whitespace() => return Read::Text(" ".into(), Via::default()),
        _ => {}
    }
    if let Some(ascii) = punctuation(c) {
        return Read::Text(ascii.into(), Via::default());
    }
    let (text, via) = letters(c, digits);
    match text.as_str() {
        "" => Read::Invisible,
        same if same.chars().eq([c]) => Read::Same,
        text if text.len() > 15 => Read::Same, // the length has four bits
        text => Read::Text(text.into(), via),
    }
}

/// Unfolds until nothing changes any more, so that folding a folded text changes nothing.
fn letters(c: char, digits: &HashMap<char, char>) -> (String, Via) {
    if let Some(latin) = capital(c) {
        return (latin.into(), Via::CONFUSABLES);
    }
    let mut text = c.to_string();
    let mut via = Via::default();
    loop {
        let unfolded: String = text.nfkd().flat_map(char::to_lowercase).nfkd().collect();
        if !unfolded.chars().eq(text.nfd().flat_map(char::to_lowercase).nfd()) {
            via = via.with(Via::COMPATIBILITY);
        }
        let bare: String = unfolded.chars().filter(|&c| !is_mark(c) && !is_invisible(c)).collect();
        if bare.len() < unfolded.len() && !bare.is_empty() {
            via = via.with(Via::DIACRITICS);
        }
        let mut next = String::new();
        for c in bare.chars() {
            if let Some(digit) = digits.get(&c) {
                next.push(*digit);
            } else if let Some(ascii) = punctuation(c) {
                next.push_str(ascii);
            } else if let Some(latin) = confusable(c) {
                // Of the letters that Europe writes (ß, ı, ł, ø) none is there to deceive.
                let is_written = matches!(c, '\u{C0}'..='\u{17F}');
                via = via.with(if is_written { Via::DIACRITICS } else { Via::CONFUSABLES });
                next.push_str(&latin);
            } else {
                next.push(c);
            }
        }
        if next == text {
            return (text, via);
        }
        text = next;
    }
}

/// The Latin letter that a capital looks like whose small letter looks like another one, or like none: `Ν`, but `ν`.
fn capital(c: char) -> Option<char> {
    let is_capital = c.is_uppercase() && matches!(c as u32, 0x370..=0x3FF | 0x13A0..=0x13FF | 0x2C80..=0x2CFF);
    let mut letter = [0; 4];
    let mut looks = skeleton(c.encode_utf8(&mut letter));
    match (looks.next().filter(|_| is_capital), looks.next()) {
        // Unicode has one shape for all that is but a stroke, and calls it `l`.
        (Some(look @ 'A'..='Z'), None) => Some(look.to_ascii_lowercase()),
        _ => None,
    }
}

/// The letter that a small capital is one of. Unicode says of none what it looks like.
fn small_capital(c: char) -> Option<char> {
    Some(match c {
        'ᴀ' => 'a',
        'ʙ' => 'b',
        'ᴅ' => 'd',
        'ᴇ' => 'e',
        'ꜰ' => 'f',
        'ɢ' => 'g',
        'ʜ' => 'h',
        'ᴊ' => 'j',
        'ĸ' => 'k',
        'ʟ' => 'l',
        'ʍ' => 'm',
        'ɴ' => 'n',
        'ᴘ' => 'p',
        'ꞯ' => 'q',
        'ʀ' => 'r',
        'ᴛ' => 't',
        _ => return None,
    })
}

/// The Latin letters that a letter looks like, where its script is one that attackers borrow from.
fn confusable(c: char) -> Option<String> {
    let other = match c {
        'ß' => "ss",
        '\u{1F150}'..='\u{1F169}' => return squared(c, 0x1F150),
        '\u{1F170}'..='\u{1F189}' => return squared(c, 0x1F170),
        '\u{1F1E6}'..='\u{1F1FF}' => return squared(c, 0x1F1E6),
        _ => "",
    };
    if !other.is_empty() {
        return Some(other.into());
    }
    let borrowed = matches!(c as u32,
        0x80..=0x58F | 0x10A0..=0x10FF | 0x13A0..=0x167F | 0x16A0..=0x16FF | 0x1C80..=0x1C8F | 0x1D00..=0x1FFF
        | 0x2070..=0x2BFF | 0x2C00..=0x2DFF | 0xA4D0..=0xA4FF | 0xA640..=0xA69F | 0xA720..=0xA7FF
        | 0xAB30..=0xABBF | 0x10280..=0x1034F | 0x10400..=0x104FF | 0x118A0..=0x118FF | 0x16F00..=0x16F9F);
    if !borrowed || !c.is_alphanumeric() {
        return None;
    }
    // Russian must stay what it is: its `к` is but shaped like a small capital. `view/mixed.rs` reads it beside Latin letters.
    let is_cyrillic = matches!(c, '\u{400}'..='\u{52F}');
    let mut letter = [0; 4];
    let looks = skeleton(c.encode_utf8(&mut letter)).filter(|&c| !is_mark(c)).flat_map(char::to_lowercase);
    let looks: String = looks.map(|c| small_capital(c).filter(|_| !is_cyrillic).unwrap_or(c)).collect();
    let is_latin = !looks.is_empty() && looks.chars().all(|c| c.is_ascii_alphanumeric());
    is_latin.then_some(looks)
}

fn squared(c: char, a: u32) -> Option<String> {
    char::from_u32('a' as u32 + (c as u32 - a)).map(String::from)
}

fn punctuation(c: char) -> Option<&'static str> {
    Some(match c {
        '‘' | '’' | '‚' | '‛' | '′' | 'ʼ' | '´' | '＇' => "'",
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' | '＂' | '「' | '」' | '『' | '』' => "\"",
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => "-",
        '。' | '．' | '｡' | '।' | '॥' | '۔' => ".",
        '、' | '，' | '､' | '،' => ",",
        '！' => "!",
        '？' | '؟' => "?",
        '：' => ":",
        '；' | '؛' => ";",
        '⁄' | '∕' => "/",
        _ => return None,
    })
}

/// Characters that show nothing: zero-width, bidi controls, fillers, variation selectors, other controls.
fn is_invisible(c: char) -> bool {
    matches!(c as u32,
        0x80..=0x84 | 0x86..=0x9F | 0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
        | 0xFFF9..=0xFFFB | 0x1D173..=0x1D17A)
}

/// Combining marks that a reader reads past: general diacritics, Hebrew points, Arabic vowel signs, the Devanagari dot
/// of borrowed sounds, kana voicing.
fn is_mark(c: char) -> bool {
    matches!(c as u32,
        0x300..=0x34E | 0x350..=0x36F | 0x483..=0x489 | 0x591..=0x5BD | 0x5BF | 0x5C1 | 0x5C2 | 0x5C4 | 0x5C5 | 0x5C7
        | 0x610..=0x61A | 0x640 | 0x64B..=0x65F | 0x670 | 0x93C | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF
        | 0x3099 | 0x309A | 0xFE20..=0xFE2F)
}

/// Every decimal digit of every script as the ASCII digit of the same value.
fn decimal_digits() -> HashMap<char, char> {
    let is_digit = |c: &char| c.general_category() == GeneralCategory::DecimalNumber;
    let all: Vec<char> = ('\u{80}'..'\u{1D7CE}').filter(is_digit).collect();
    all.chunks(10).flat_map(|ten| ten.iter().copied().zip('0'..='9')).collect()
}
