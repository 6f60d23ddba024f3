//! Turns the compiled core into JavaScript glue and the wasm file beside it.
//!
//! It is wasm-bindgen's own code generator, called as a library: compiling this takes seconds, installing the command line
//! tool minutes, and the lock file keeps generator and crate at the same version, which they must be.

use std::env;
use std::path::Path;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, output] = arguments.as_slice() else {
        eprintln!("usage: cargo run -p xtask -- <input.wasm> <output folder>");
        return ExitCode::from(2);
    };
    match generate(Path::new(input), Path::new(output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn generate(input: &Path, output: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(input)
        .out_name("scanner")
        .web(true)?
        // Without a default path the glue has no `import.meta.url`, over which bundlers stumble.
        .omit_default_module_path(true)
        // Gives JavaScript a way to start over after a trap.
        .reset_state_function(true)
        .typescript(true);
    Ok(bindgen.generate(output)?)
}
