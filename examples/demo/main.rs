//! awsenv on one machine, without an AWS account: a fake AWS that checks codes, a home folder of its own, your shell.
//!
//! `cargo run --example demo` to type yourself, `cargo run --example demo -- --auto` to see the whole session played.

#[cfg(unix)]
mod auto;
#[cfg(unix)]
mod live;
#[cfg(unix)]
mod sandbox;
#[cfg(unix)]
mod stand_in;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    use clap::Parser;

    let words: Vec<_> = std::env::args_os().collect();
    if words.get(1).is_some_and(|word| word == stand_in::WORD) {
        return stand_in::run(&words[2..]);
    }
    let options = sandbox::Options::parse();
    let played = sandbox::Sandbox::make(&options).and_then(|sandbox| match options.auto {
        true => auto::play(sandbox),
        false => live::play(sandbox),
    });
    match played {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(not(unix))]
fn main() -> std::process::ExitCode {
    eprintln!("demo: needs bash, zsh, fish or nushell on Linux or macOS");
    std::process::ExitCode::FAILURE
}
