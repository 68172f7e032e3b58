//! `cargo xtask <command>`: the project's own commands. Each prepares what it needs, once on each machine.

mod dependencies;
mod error_codes;
mod files;
mod group;
mod layout;
mod lock;
mod npm;
mod package;
mod part;
mod parts;
mod prepare;
mod process;
mod programs;
mod progress;
mod python;
mod release;
mod rooms;
mod sizes;
mod suite;
mod system;
mod tally;
mod tools;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::part::{Part, Settings};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "The project's own commands."
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the npm package into pkg/ and print its sizes
    Build {
        /// Record the sizes, with which later builds are compared
        #[arg(long)]
        record: bool,
    },
    /// Format, lint and check the sources, without running a test
    Check,
    /// Run every check and every test
    Test {
        /// Run simulations and property tests for this many minutes; 30 if no number is given
        #[arg(long, value_name = "MINUTES", num_args = 0..=1, default_missing_value = "30")]
        long: Option<u32>,
        /// List the parts
        #[arg(long)]
        list: bool,
        /// Run only these parts
        parts: Vec<String>,
    },
    /// Build the documentation site into target/site
    Docs,
    /// Make the archives of a release twice, and say whether they are the same
    Release {
        /// Publish nothing: that is the workflow's
        #[arg(long, required = true)]
        dry_run: bool,
    },
    /// Start an OpenID provider, two APIs at the edge, a page that signs in and a daemon
    Demo(DemoOptions),
    /// Start the local authority alone
    #[command(disable_help_flag = true)]
    Authority {
        /// Arguments of tests/authority/main.js
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Measure against the peers in one run
    #[command(disable_help_flag = true)]
    Bench {
        /// Arguments of tests/bench/bench.js
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

#[derive(Args)]
struct DemoOptions {
    /// Drive the demo in a headless browser and end with `smoke: ok`
    #[arg(long)]
    smoke: bool,
    /// The provider: the local authority, or oidc-provider from npm
    #[arg(long, value_parser = ["authority", "oidc"])]
    provider: Option<String>,
    /// The page's port, instead of a free one
    #[arg(long)]
    port: Option<u16>,
    /// Print the page's URL without opening it
    #[arg(long)]
    no_open: bool,
}

fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    match group::stop_on_signals().and_then(|()| run(command)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            progress::note(&format!("error: {error}"));
            for cause in error.chain().skip(1) {
                progress::note(&format!("  because: {cause}"));
            }
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<u8> {
    match command {
        Command::Build { record } => build(record),
        Command::Check => suite(&parts::checks(), Settings::default()),
        Command::Test { list: true, .. } => {
            for part in parts::PARTS {
                println!("{:<13} {}", part.name, part.about);
            }
            Ok(0)
        }
        Command::Test {
            long: minutes,
            parts,
            ..
        } => suite(&parts::chosen(&parts)?, Settings { minutes }),
        Command::Docs => programs::docs(),
        Command::Release { .. } => release::dry_run(),
        Command::Demo(options) => programs::demo(options.smoke, options.arguments()),
        Command::Authority { arguments } => programs::authority(arguments),
        Command::Bench { arguments } => programs::bench(arguments),
    }
}

fn suite(parts: &[&'static Part], settings: Settings) -> Result<u8> {
    suite::run(parts, settings).map(|passed| u8::from(!passed))
}

fn build(record: bool) -> Result<u8> {
    package::prepare_and_build(false)?;
    if record {
        sizes::record()?;
    }
    let (sizes, faults) = package::inspect()?;
    print!("{sizes}");
    faults.map(|()| 0)
}

impl DemoOptions {
    /// As www/demo.js takes them.
    fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        if self.smoke {
            arguments.push("--smoke".to_owned());
        }
        if let Some(provider) = &self.provider {
            arguments.extend(["--provider".to_owned(), provider.clone()]);
        }
        if let Some(port) = self.port {
            arguments.extend(["--port".to_owned(), port.to_string()]);
        }
        if self.no_open {
            arguments.push("--no-open".to_owned());
        }
        arguments
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_long_test_takes_the_minutes_that_were_given() {
        for (given, expected) in [
            ("xtask test", None),
            ("xtask test --long", Some(30)),
            ("xtask test --long 5 native", Some(5)),
            ("xtask test native --long", Some(30)),
        ] {
            let Command::Test { long, .. } = CommandLine::parse_from(given.split(' ')).command
            else {
                panic!("another command")
            };
            assert_eq!(long, expected, "{given}");
        }
    }

    #[test]
    fn the_demo_gets_the_options_that_were_given() {
        let parsed =
            CommandLine::parse_from("xtask demo --provider oidc --port 8080 --smoke".split(' '));
        let Command::Demo(options) = parsed.command else {
            panic!("another command")
        };
        assert_eq!(
            options.arguments().join(" "),
            "--smoke --provider oidc --port 8080"
        );
    }

    #[test]
    fn the_authority_gets_its_arguments_as_they_are() {
        let arguments =
            CommandLine::parse_from(["cargo xtask", "authority", "--json", "--seed", "1"]);
        assert!(
            matches!(arguments.command, Command::Authority { arguments } if arguments == ["--json", "--seed", "1"])
        );
    }
}
