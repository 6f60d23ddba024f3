//! JSON for the few tables that JavaScript is told in text.

use std::fmt::Write as _;

/// A JSON string.
pub(crate) fn string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if c.is_control() => _ = write!(json, "\\u{:04x}", u32::from(c)),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

/// A JSON array of what is JSON already.
pub(crate) fn array(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(","))
}

/// A JSON object of keys that need no escape, and of values that are JSON already.
pub(crate) fn object<const N: usize>(members: [(&str, String); N]) -> String {
    let members: Vec<String> = members.into_iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_must_not_stand_in_a_string() {
        assert_eq!(string("a\"b\\c\nd\u{7f}é"), "\"a\\\"b\\\\c\\u000ad\\u007fé\"");
        assert_eq!(
            object([("a", array([string("x"), "1".to_owned()])), ("b", "null".to_owned())]),
            "{\"a\":[\"x\",1],\"b\":null}"
        );
    }
}
