//! Running other programs.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{BufRead, BufReader, PipeReader};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::group::{self, Group};
use crate::layout;
use crate::progress::{self, Step};

/// No step of this project takes this long; a program that does is stuck.
const LIMIT: Duration = Duration::from_secs(45 * 60);

/// A program with its arguments, not yet run.
#[derive(Clone, Debug)]
pub struct Invocation {
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, Option<OsString>)>,
    directory: PathBuf,
    limit: Duration,
}

/// The status and output of a program that has ended.
pub struct Ended {
    pub status: ExitStatus,
    /// Standard output and standard error, in the order they were written.
    pub output: String,
}

impl Invocation {
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            directory: layout::root().to_path_buf(),
            limit: LIMIT,
        }
    }

    /// The cargo that runs xtask.
    pub fn cargo() -> Self {
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// The Node of `tests/node_modules`.
    pub fn node() -> Self {
        Self::new(layout::node()).with_tools_on_path()
    }

    pub fn args<I>(mut self, arguments: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Arguments as one would type them; none holds a space.
    pub fn words(self, arguments: &str) -> Self {
        self.args(arguments.split_whitespace())
    }

    /// An option that takes a path.
    pub fn arg_path(self, option: &str, path: impl Into<OsString>) -> Self {
        self.args([option]).args([path.into()])
    }

    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), Some(value.into())));
        self
    }

    pub fn env_remove(mut self, name: &str) -> Self {
        self.environment.push((name.into(), None));
        self
    }

    pub fn current_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = directory.into();
        self
    }

    /// Gives it this much more time than other programs.
    pub fn with_more_time(mut self, minutes: u32) -> Self {
        self.limit += Duration::from_secs(60 * u64::from(minutes));
        self
    }

    /// Puts the project's own tools first on the PATH: `target/tools/bin`, then `tests/node_modules/.bin`.
    pub fn with_tools_on_path(self) -> Self {
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let own = [
            layout::tools().join("bin"),
            layout::at("tests/node_modules/.bin"),
        ];
        let joined = std::env::join_paths(own.into_iter().chain(std::env::split_paths(&inherited)));
        match joined {
            Ok(path) => self.env("PATH", path),
            Err(_) => self,
        }
    }

    /// Runs it as a step: its last line is shown while it runs, its whole output only when it fails.
    pub fn step(&self, label: &str) -> Result<()> {
        let step = progress::start(label);
        let Ended { status, output } = self.run(&step)?;
        if status.success() {
            step.done();
            return Ok(());
        }
        step.failed();
        bail!(
            "{}\n{label} failed ({status}); the command was:\n  {self}",
            output.trim_end()
        );
    }

    /// Runs it to its end and returns status and output; the last line is shown in `step` meanwhile.
    pub fn run(&self, step: &Step) -> Result<Ended> {
        let (reader, writer) = std::io::pipe().context("no pipe for a program's output")?;
        let mut command = self.command();
        command.stdout(writer.try_clone()?).stderr(writer);
        let program = Group::start(command)?;

        let id = program.id();
        let (events, received) = mpsc::channel();
        let lines = events.clone();
        thread::spawn(move || send_lines(reader, &lines));
        thread::spawn(move || events.send(Event::End(program.wait())));

        let mut output = String::new();
        let mut deadline = Some(Instant::now() + self.limit);
        let status = loop {
            let event = match deadline {
                Some(deadline) => received.recv_timeout(deadline - Instant::now()).ok(),
                None => received.recv().ok(),
            };
            match event {
                Some(Event::Line(line)) => {
                    step.say(&line);
                    output.push_str(&line);
                }
                Some(Event::End(status)) => break status?,
                None => {
                    deadline = None;
                    group::kill(id);
                    let minutes = self.limit.as_secs() / 60;
                    output.push_str(&format!("(ended after {minutes} minutes)\n"));
                }
            }
        };
        // The rest is in the pipe already. A process that left the group may hold the pipe open: do not wait for it.
        while let Ok(Event::Line(line)) = received.recv_timeout(Duration::from_millis(200)) {
            output.push_str(&line);
        }
        Ok(Ended { status, output })
    }

    /// Standard output of a program that must succeed, starts no other and takes no time worth showing.
    pub fn stdout(&self) -> Result<String> {
        let mut command = self.command();
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = Group::start(command)?.output()?;
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            bail!(
                "{}\n`{self}` failed ({}).",
                errors.trim_end(),
                output.status
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it with this process's own output, and returns its exit code. It has no input: a group in the background
    /// may not read from the terminal.
    pub fn foreground(&self) -> Result<u8> {
        let status = Group::start(self.command())?.wait()?;
        Ok(exit_code(status))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(&self.directory)
            // A person may keep the builds of all projects elsewhere; the paths of this one are fixed.
            .env("CARGO_TARGET_DIR", layout::at("target"))
            .stdin(Stdio::null());
        for (name, value) in &self.environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }
}

/// The command as a person would type it in the repository.
impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.directory != layout::root() {
            write!(f, "cd {} && ", quoted(self.directory.as_os_str()))?;
        }
        for (name, value) in &self.environment {
            if let Some(value) = value.as_ref().filter(|_| name != "PATH") {
                write!(f, "{}={} ", name.to_string_lossy(), quoted(value))?;
            }
        }
        if Path::new(&self.program).ends_with("cargo") {
            f.write_str("cargo")?;
        } else {
            f.write_str(&quoted(&self.program))?;
        }
        self.arguments
            .iter()
            .try_for_each(|argument| write!(f, " {}", quoted(argument)))
    }
}

enum Event {
    /// A line of output, with its line break.
    Line(String),
    End(Result<ExitStatus>),
}

/// Sends whole lines until the pipe ends or nobody listens.
fn send_lines(pipe: PipeReader, lines: &mpsc::Sender<Event>) {
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    while reader
        .read_until(b'\n', &mut line)
        .is_ok_and(|length| length > 0)
    {
        let text = String::from_utf8_lossy(&line).into_owned();
        if lines.send(Event::Line(text)).is_err() {
            return;
        }
        line.clear();
    }
}

/// The exit code that a shell would report.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(1));
    u8::try_from(code).unwrap_or(1)
}

fn quoted(word: &OsStr) -> String {
    let word = Path::new(word)
        .strip_prefix(layout::root())
        .map_or_else(|_| word.to_string_lossy(), |path| path.to_string_lossy());
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+:,./@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str) -> Ended {
        let shell = Invocation::new("sh").args(["-c", script]);
        shell.run(&progress::start("test")).unwrap()
    }

    #[test]
    fn output_keeps_the_order_of_both_streams() {
        let ended = run("echo one; echo two >&2; echo three");
        assert!(ended.status.success());
        assert_eq!(ended.output, "one\ntwo\nthree\n");
    }

    #[test]
    fn exit_codes_and_signals_are_told_apart() {
        assert_eq!(exit_code(run("exit 7").status), 7);
        assert_eq!(exit_code(run("kill -9 $$").status), 137);
    }

    #[test]
    fn what_a_program_leaves_running_ends_with_it() {
        let started = Instant::now();
        let ended = run("sleep 600 & echo $!");
        assert!(started.elapsed() < Duration::from_secs(300));
        is_gone(ended.output.trim());
    }

    #[test]
    fn a_program_that_takes_too_long_ends_with_all_that_it_started() {
        let mut stuck = Invocation::new("sh").args(["-c", "sleep 600 & echo $!; sleep 600"]);
        stuck.limit = Duration::from_millis(500);
        let ended = stuck.run(&progress::start("test")).unwrap();
        assert_eq!(exit_code(ended.status), 137);
        let (child, note) = ended.output.split_once('\n').unwrap();
        assert_eq!(note, "(ended after 0 minutes)\n");
        is_gone(child);
    }

    /// Killed, but perhaps not reaped yet by the process that inherited it.
    fn is_gone(process: &str) {
        let gone = (0..200).any(|_| {
            thread::sleep(Duration::from_millis(10));
            let state = std::fs::read_to_string(format!("/proc/{process}/stat"));
            state.map_or(true, |state| state.contains(") Z "))
        });
        assert!(gone);
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = Invocation::new("no-such-program-here").stdout();
        assert!(format!("{:#}", error.unwrap_err()).contains("no-such-program-here"));
    }

    #[test]
    fn the_shown_command_can_be_typed() {
        let command = Invocation::new("node")
            .args(["a b", "it's", "plain"])
            .env("X", "1");
        assert_eq!(command.to_string(), r"X=1 node 'a b' 'it'\''s' plain");
    }
}
