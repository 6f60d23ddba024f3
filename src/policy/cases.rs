//! Reads a file of cases, by which a policy is tested.

use super::argument::Scalar;
use super::document::{MAX_NAME_CHARS, scalar};
use crate::error::{Error, quoted};
use crate::json::{array, object, string};
use crate::yaml::{Map, Node, Value, parse};

const EXPECTATIONS: [&str; 4] = ["allow", "log", "alert", "block"];
const SUBJECT_KEYS: [&str; 3] = ["agent", "tags", "session"];
const CALL_KEYS: [&str; 3] = ["action", "params", "times"];

/// The cases of a file as JSON.
///
/// # Errors
///
/// The first thing that is not as it must be.
pub fn read(source: &str) -> Result<String, Error> {
    let root = parse(source)?;
    let map = root.map_with(&["policies", "cases"])?;
    let cases = map.required("cases")?.list()?;
    Ok(object([
        ("policies", map.optional("policies").map_or(Ok("[]".to_owned()), texts)?),
        ("cases", array(cases.iter().map(case).collect::<Result<Vec<_>, _>>()?)),
    ]))
}

fn case(node: &Node) -> Result<String, Error> {
    let keys: Vec<&str> = SUBJECT_KEYS
        .into_iter()
        .chain(CALL_KEYS)
        .chain(["name", "text", "direction", "before", "expect", "rule"])
        .collect();
    let map = node.map_with(&keys)?;
    let name = map.required("name")?;
    if name.text()?.is_empty() || name.text()?.chars().count() > MAX_NAME_CHARS {
        return Err(name.refused(format!("a name has 1 to {MAX_NAME_CHARS} characters")));
    }
    let what = match (map.optional("action"), map.optional("text")) {
        (Some(_), Some(text)) => return Err(text.refused("a case has `action` or `text`, not both")),
        (None, None) => return Err(node.refused("missing key `action` or `text`")),
        (Some(_), None) => [("call", call(&map)?), ("text", "null".to_owned()), ("direction", "null".to_owned())],
        (None, Some(text)) => {
            let direction =
                map.optional("direction").map_or(Ok("input"), |node| node.choice(&["input", "output"], |d| d))?;
            for key in CALL_KEYS {
                if let Some(node) = map.optional(key) {
                    return Err(node.refused(format!("a case with `text` has no {}", quoted(key))));
                }
            }
            [("call", "null".to_owned()), ("text", string(text.text()?)), ("direction", string(direction))]
        }
    };
    let [call, text, direction] = what;
    let expected = map.required("expect")?.choice(&EXPECTATIONS, |expected| expected)?;
    let optional = |key| map.optional(key).map_or(Ok("null".to_owned()), |node| node.text().map(string));
    Ok(object([
        ("name", string(name.text()?)),
        ("line", node.position.line.to_string()),
        ("agent", optional("agent")?),
        ("tags", map.optional("tags").map_or(Ok("[]".to_owned()), texts)?),
        ("session", optional("session")?),
        ("before", map.optional("before").map_or(Ok("[]".to_owned()), before)?),
        call,
        text,
        direction,
        ("expect", string(expected)),
        ("rule", optional("rule")?),
    ]))
}

/// Calls that come before the one that is looked at.
fn before(node: &Node) -> Result<String, Error> {
    let calls = node.list()?.iter().map(|node| call(&node.map_with(&CALL_KEYS)?));
    Ok(array(calls.collect::<Result<Vec<_>, _>>()?))
}

fn call(map: &Map<'_>) -> Result<String, Error> {
    let params = match map.optional("params") {
        Some(node) => node.map().and_then(|_| json(node))?,
        None => "{}".to_owned(),
    };
    let times =
        map.optional("times").map_or(Ok(1), |node| node.integer_from(1).and_then(|times| at_most(node, times)))?;
    Ok(object([("action", string(map.required("action")?.text()?)), ("params", params), ("times", times.to_string())]))
}

/// Most repetitions of a call in a test.
const MAX_TIMES: u32 = 100_000;

fn at_most(node: &Node, times: u32) -> Result<u32, Error> {
    if times <= MAX_TIMES { Ok(times) } else { Err(node.refused(format!("at most {MAX_TIMES} times"))) }
}

fn texts(node: &Node) -> Result<String, Error> {
    Ok(array(node.texts()?.iter().map(|text| string(text))))
}

/// Any value as JSON.
fn json(node: &Node) -> Result<String, Error> {
    Ok(match &node.value {
        Value::Text(_) | Value::Other(_) => match scalar(node)? {
            Scalar::Text(text) => string(&text),
            other => other.to_string(),
        },
        Value::List(nodes) => array(nodes.iter().map(json).collect::<Result<Vec<_>, _>>()?),
        Value::Map(entries) => {
            let members = entries.iter().map(|entry| Ok(format!("{}:{}", string(&entry.key), json(&entry.node)?)));
            format!("{{{}}}", members.collect::<Result<Vec<_>, Error>>()?.join(","))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(case: &str) -> String {
        read(&format!("cases:\n- {{ name: a, {case} }}\n")).expect_err("must be refused").to_string()
    }

    #[test]
    fn cases_become_json() {
        let source = "
policies: [prod.yaml]
cases:
- name: too much
  agent: support-1
  tags: [prod]
  session: s
  before: [{ action: look, times: 2 }]
  action: refund
  params: { amount: 500.50, to: [x, ~, true], note: '1' }
  expect: block
  rule: refunds
- { name: text, text: hello, direction: output, expect: allow }
";
        assert_eq!(
            read(source).expect("valid"),
            concat!(
                r#"{"policies":["prod.yaml"],"cases":["#,
                r#"{"name":"too much","line":4,"agent":"support-1","tags":["prod"],"session":"s","#,
                r#""before":[{"action":"look","params":{},"times":2}],"#,
                r#""call":{"action":"refund","params":{"amount":500.5,"to":["x",null,true],"note":"1"},"times":1},"#,
                r#""text":null,"direction":null,"expect":"block","rule":"refunds"},"#,
                r#"{"name":"text","line":13,"agent":null,"tags":[],"session":null,"before":[],"call":null,"#,
                r#""text":"hello","direction":"output","expect":"allow","rule":null}]}"#
            )
        );
    }

    #[test]
    fn says_what_is_wrong_with_a_case() {
        for (case, message) in [
            ("action: x", "line 2, column 3: missing key `expect`"),
            ("expect: block", "line 2, column 3: missing key `action` or `text`"),
            ("action: x, text: y, expect: block", "line 2, column 31: a case has `action` or `text`, not both"),
            ("text: y, times: 2, expect: block", "line 2, column 30: a case with `text` has no `times`"),
            ("action: x, expect: deny", "line 2, column 33: `deny` is not one of allow, log, alert, block"),
            ("action: x, times: 100001, expect: block", "line 2, column 32: at most 100000 times"),
            (
                "action: x, params: { a: 1e9 }, expect: log",
                "line 2, column 38: `1e9` is no decimal number of at most six places",
            ),
            ("action: x, params: [], expect: log", "line 2, column 33: expected a map, found a list"),
            ("acton: x, expect: log", "line 2, column 14: unknown key `acton`; did you mean `action`?"),
        ] {
            assert_eq!(error(case), message, "{case}");
        }
        assert_eq!(
            read("cases: []\ncase: 1").expect_err("unknown").to_string(),
            "line 2, column 1: unknown key `case`; did you mean `cases`?"
        );
    }
}
