//! What lexicon files say: entries, some of which stand for all forms of a verb.

use crate::error::Error;
use crate::lexicon::concept::CONCEPTS;
use crate::yaml::Node;

/// The key under which a lexicon file names the forms of its verbs.
const FORMS: &str = "forms";

/// All entries of a lexicon file, each with the number of its concept. `ignore {karo}` stands for `ignore kar do`, `ignore krdo` and
/// whatever else the forms `karo` are.
pub(crate) fn entries(document: &Node) -> Result<Vec<(usize, String)>, Error> {
    let keys: Vec<&str> = CONCEPTS.into_iter().chain([FORMS]).collect();
    let map = document.map_with(&keys)?;
    let forms = map.optional(FORMS).map_or(Ok(&[][..]), Node::map)?;
    let mut entries = Vec::new();
    for (number, concept) in CONCEPTS.iter().enumerate() {
        let Some(node) = map.optional(concept) else { continue };
        for words in split(node.text()?) {
            let Some((before, rest)) = words.split_once('{') else {
                entries.push((number, words.to_owned()));
                continue;
            };
            let all = rest.split_once('}').and_then(|(name, behind)| {
                let forms = forms.iter().find(|forms| forms.key == name)?;
                Some((&forms.node, behind))
            });
            let (all, behind) = all.ok_or_else(|| node.refused(format!("`{words}` names no forms")))?;
            entries.extend(split(all.text()?).map(|form| (number, format!("{before}{form}{behind}"))));
        }
    }
    Ok(entries)
}

/// The parts of a list, which commas and line ends set apart, without comments.
fn split(list: &str) -> impl Iterator<Item = &str> {
    let lines = list.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    fn entries_of(source: &str) -> Result<Vec<String>, String> {
        let document = yaml::parse(source).expect("valid");
        let entries = entries(&document).map_err(|error| error.to_string())?;
        Ok(entries.into_iter().map(|(number, words)| format!("{}: {words}", CONCEPTS[number])).collect())
    }

    #[test]
    fn a_name_in_braces_stands_for_all_its_forms() {
        let source =
            "forms:\n  karo: karo, kar do\ndrop: |\n  # Comments are no words, ever.\n  ignore {karo} na, chhodo\n";
        let expected = ["drop: ignore karo na", "drop: ignore kar do na", "drop: chhodo"].map(str::to_owned);
        assert_eq!(entries_of(source).as_deref(), Ok(&expected[..]));
    }

    #[test]
    fn forms_that_there_are_not_are_refused() {
        let error = |source: &str| entries_of(source).expect_err("must be refused");
        assert_eq!(error("drop: ignore {karo}\n"), "line 1, column 7: `ignore {karo}` names no forms");
        assert_eq!(error("dorp: ignore\n"), "line 1, column 1: unknown key `dorp`; did you mean `drop`?");
    }
}
