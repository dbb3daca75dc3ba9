//! Inputs that broke something once: found by fuzzing and by mutations, made short.

use derek::error::Code;

/// What was found, with the code that it is refused with, if it is.
const FOUND_BY_FUZZING: [(&str, Option<Code>); 11] = [
    // A spelling met where a row was only guessed stayed behind.
    (
        "<data><row><p><data><row></row><row><o><x><dAta/></x></o></row></data></p></row>\
         <row><o><x><data></data></x></o></row></data>",
        None,
    ),
    // Text after the last row was found in a row that is not there.
    ("<data><row><o><x>1</x></o></row><row><o>z</o></row>item</data>", None),
    // A list beside a text that says nothing: a list or a text, as the parts had it.
    (r#"{"data":[{"":[],"poes":[          ]  },{"":""}]}"#, None),
    (r#"[{"a":[1],"b":"0123456789"},{"a":"-","b":"0123456789"},{"a":null}]"#, None),
    // A list that was taken back counted as one that is there.
    (r#"{"data":[{"phones":[],"phones":[]},{"phones":"."}]}"#, None),
    // How a text looks was not told where another value is a list.
    (r#"{"data":[{"rooms":[],"en": "7" },{"rooms":"{"}]}"#, None),
    // A list that holds a number beyond all numbers counted as no value.
    (r#"{"data":[{"p":"51.1,71.4","d":"31.12.2024 10:00"},{"p":[71.1e4001],"d":"45477"}]}"#, None),
    // The only value of a field was taken back with the object that held it.
    (
        r#"{"fields":{"o":{"type":"Object","fields":{"d":{"type":"Date"}}}},"data":[{"a":"0123456789"},{"o":{"d":"45477"},"o":{}}]}"#,
        None,
    ),
    (
        r#"{"fields":{"o":{"type":"Object"}},"data":[{"o":{"d":"31.12.2024"}},{"o":{"f":"45477"},"o":{}}]}"#,
        None,
    ),
    // Keys that have to be escaped were looked for as a word.
    (r#"{"data":[{"a\"b":1},{never1}]}"#, Some(Code::DocumentSyntax)),
    // Half a surrogate pair in a row that is no object was found in the next row.
    (r#"{"fields":{"a":{"type":"String"}},"data":["\ud800",{"a":"x"}]}"#, None),
];

#[test]
fn found_by_fuzzing() {
    for expected in [None, Some(Code::DocumentSyntax)] {
        let texts = FOUND_BY_FUZZING.iter().filter(|(_, code)| *code == expected).map(|(text, _)| text);
        super::all(texts, expected.map_or(Ok(()), Err));
    }
}
