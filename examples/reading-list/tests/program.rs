//! The program from outside, with commands as a person types them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::io::Write;
use std::process::{Command, Stdio};

fn run(commands: &str) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_reading-list"));
    let mut program = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    program.stdin.take().unwrap().write_all(commands.as_bytes()).unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn books_are_added_rated_and_listed() {
    let output =
        run("add Dune / Frank Herbert\nadd Emma / Jane Austen\nstatus 1 read\nrate 1 5\nlist\n");
    let last: Vec<_> = output.lines().rev().take(2).collect();
    assert_eq!(
        last,
        ["2: Emma by Jane Austen, want_to_read", "1: Dune by Frank Herbert, read, 5 of 5 stars",]
    );
}

#[test]
fn a_mistake_is_told_and_the_next_command_works() {
    let output = run("add Dune\nstatus 7 read\nrate 1 9\nadd Dune / Frank Herbert\n");
    let lines: Vec<_> = output.lines().collect();
    assert!(lines[0].starts_with("error: ") && lines[0].contains("author"), "{output}");
    assert_eq!(lines[1], "error: there is no such shelf entry");
    assert!(lines[2].starts_with("error: "), "{output}");
    assert_eq!(lines[3], "1: Dune by Frank Herbert, want_to_read");
}
