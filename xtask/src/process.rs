//! Running other programs.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::group::{self, Group, Stopped};
use crate::layout;
use crate::progress::{self, Step};

/// No step of this project needs as long; what does is stuck.
const LIMIT: Duration = Duration::from_secs(45 * 60);

/// A program with its arguments, not yet run.
#[derive(Clone, Debug)]
pub struct Invocation {
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, Option<OsString>)>,
    directory: PathBuf,
}

/// What a program that ran to its end left behind.
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
    pub fn step(&self, label: &str) -> Result<String> {
        let step = progress::start(label);
        let ended = self.run(Some(&step))?;
        if ended.status.success() {
            step.done();
            return Ok(ended.output);
        }
        step.failed();
        bail!(
            "{}\n{label} failed ({}). The command was:\n  {self}",
            ended.output.trim_end(),
            describe(ended.status)
        );
    }

    /// Runs it to its end and gives back status and output; the last line is shown in `step` meanwhile.
    pub fn run(&self, step: Option<&Step>) -> Result<Ended> {
        let (reader, writer) = std::io::pipe().context("no pipe for a program's output")?;
        let mut command = self.command();
        command.stdout(writer.try_clone()?).stderr(writer);
        let mut group = Group::spawn(command, &self.program)?;

        let (lines, received) = mpsc::channel();
        thread::spawn(move || read_lines(reader, |line| lines.send(line).is_ok()));

        let mut output = String::new();
        let started = Instant::now();
        let status = loop {
            match received.recv_timeout(Duration::from_millis(20)) {
                Ok(line) => append(&mut output, line, step),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    if let Some(status) = group.ended()? {
                        break status;
                    }
                    if started.elapsed() > LIMIT {
                        group.kill();
                        append(
                            &mut output,
                            format!("(ended after {} minutes)\n", LIMIT.as_secs() / 60),
                            step,
                        );
                    }
                    thread::sleep(Duration::from_millis(5));
                }
            }
        };
        // The rest is in the pipe already. A process that left the group may hold the pipe open: do not wait for it.
        while let Ok(line) = received.recv_timeout(Duration::from_millis(200)) {
            append(&mut output, line, step);
        }
        if group::stopping() {
            bail!(Stopped);
        }
        Ok(Ended { status, output })
    }

    /// Standard output of a program that must succeed and takes no time worth showing.
    pub fn stdout(&self) -> Result<String> {
        let mut command = self.command();
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut group = Group::spawn(command, &self.program)?;
        let errors = group
            .child
            .stderr
            .take()
            .map(|stderr| thread::spawn(move || read_all(stderr)));
        let output = group.child.stdout.take().map(read_all).unwrap_or_default();
        let status = group.wait()?;
        let errors = errors
            .and_then(|thread| thread.join().ok())
            .unwrap_or_default();
        if group::stopping() {
            bail!(Stopped);
        }
        if !status.success() {
            bail!(
                "{}\n`{self}` failed ({}).",
                errors.trim_end(),
                describe(status)
            );
        }
        Ok(output)
    }

    /// Runs it with this process's own output, and gives back its exit code. Ctrl-C is handed on to it, and its own
    /// answer to that is what counts. It has no input: a group in the background may not read from the terminal.
    pub fn foreground(&self) -> Result<u8> {
        let status = Group::spawn(self.command(), &self.program)?.wait()?;
        Ok(exit_code(status))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(&self.directory)
            // Wherever a person keeps other projects' builds, this one's paths are known.
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
        let program = Path::new(&self.program);
        let is_cargo = program.file_name().is_some_and(|name| name == "cargo");
        let shown = if is_cargo {
            "cargo".into()
        } else {
            quoted(&self.program)
        };
        f.write_str(&shown)?;
        self.arguments
            .iter()
            .try_for_each(|argument| write!(f, " {}", quoted(argument)))
    }
}

/// The exit code that a shell would report.
pub fn exit_code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(1));
    u8::try_from(code).unwrap_or(1)
}

fn append(output: &mut String, line: String, step: Option<&Step>) {
    if let Some(step) = step {
        step.say(&line);
    }
    output.push_str(&line);
}

/// Hands over whole lines, with their ends, until the pipe ends or nobody listens.
fn read_lines(reader: impl Read, mut hand_over: impl FnMut(String) -> bool) {
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while reader
        .read_until(b'\n', &mut line)
        .is_ok_and(|length| length > 0)
    {
        if !hand_over(String::from_utf8_lossy(&line).into_owned()) {
            return;
        }
        line.clear();
    }
}

fn read_all(mut reader: impl Read) -> String {
    let mut bytes = Vec::new();
    // What was read before an error still helps.
    let _ = reader.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
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

    fn shell(script: &str) -> Invocation {
        Invocation::new("sh").args(["-c", script])
    }

    #[test]
    fn output_keeps_the_order_of_both_streams() {
        let ended = shell("echo one; echo two >&2; echo three")
            .run(None)
            .unwrap();
        assert!(ended.status.success());
        assert_eq!(ended.output, "one\ntwo\nthree\n");
    }

    #[test]
    fn exit_codes_and_signals_are_told_apart() {
        assert_eq!(exit_code(shell("exit 7").run(None).unwrap().status), 7);
        let killed = shell("kill -9 $$").run(None).unwrap();
        assert_eq!(exit_code(killed.status), 137);
        assert_eq!(describe(killed.status), "ended by signal 9");
    }

    #[test]
    fn what_a_program_leaves_running_ends_with_it() {
        let started = Instant::now();
        let ended = shell("sleep 600 & echo $!").run(None).unwrap();
        assert!(started.elapsed() < Duration::from_secs(300));
        let left_over = ended.output.trim();
        // Killed, but perhaps not reaped yet by whoever inherited it.
        let gone = (0..200).any(|_| {
            thread::sleep(Duration::from_millis(10));
            let state = std::fs::read_to_string(format!("/proc/{}/stat", left_over));
            state.map_or(true, |state| state.contains(") Z "))
        });
        assert!(gone);
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = Invocation::new("no-such-program-here")
            .stdout()
            .unwrap_err();
        assert!(format!("{error:#}").contains("no-such-program-here"));
    }

    #[test]
    fn the_shown_command_can_be_typed() {
        let command = Invocation::new("node")
            .args(["a b", "it's", "plain"])
            .env("X", "1");
        assert_eq!(command.to_string(), r"X=1 node 'a b' 'it'\''s' plain");
    }
}
