//! Any text as a pattern file: it is compiled or refused with an error that can be shown, never a panic, never endless.

#![no_main]

use libfuzzer_sys::fuzz_target;
use runesec_scanner::{Direction, Scanner};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    match Scanner::with_patterns([0; 16], &[&text]) {
        // What was accepted can be used.
        Ok(mut scanner) => drop(scanner.scan(&text, Direction::Input)),
        Err((file, message)) => assert!(file == 0 && !message.is_empty()),
    }
    // Ids must be unique in one set.
    assert!(Scanner::with_patterns([0; 16], &[&text, &text]).is_err());
});
