//! What every time is compared with: a program that parses one argument with clap and prints a line.

use clap::Parser;

/// Greets.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Who is greeted
    #[arg(default_value = "world")]
    name: String,
}

fn main() {
    println!("hello, {}", Cli::parse().name);
}
