//! The table of facts.

use std::fmt;

const TABLE: &str = include_str!("facts.txt");

/// How far a fact is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Done,
    Open,
    Page,
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            State::Done => "done",
            State::Open => "open",
            State::Page => "page",
        })
    }
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Fact {
    pub id: &'static str,
    pub kind: &'static str,
    pub state: State,
    pub places: &'static str,
    pub words: &'static str,
}

impl Fact {
    fn parse(line: &'static str) -> Self {
        let fields: Vec<_> = line.split(" | ").collect();
        let [id, kind, state, places, words] = fields[..] else { panic!("not five fields: {line}") };
        assert!(["wire", "api", "page", "doc"].contains(&kind), "{kind} is no kind: {line}");
        let state = match state {
            "done" => State::Done,
            "open" => State::Open,
            "page" => State::Page,
            other => panic!("{other} is no state: {line}"),
        };
        assert!((state == State::Page) == (kind == "page"), "what is a page waits for the portal: {line}");
        Self { id, kind, state, places, words }
    }

    /// The routes and verbs where it is found.
    pub fn places(&self) -> impl Iterator<Item = &'static str> {
        self.places.split(", ").filter(|place| *place != "-")
    }
}

/// Every fact, in the table's order.
pub fn all() -> Vec<Fact> {
    TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(Fact::parse).collect()
}
