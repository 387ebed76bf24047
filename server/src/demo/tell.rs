//! What the demonstration prints: numbered steps, lines, decoded artefacts, and claims with their proof.

use crate::cli::failure::Failure;

/// Speaks to standard output.
#[derive(Debug, Default)]
pub struct Teller {
    steps: u32,
    proved: u32,
}

impl Teller {
    /// A step begins.
    pub fn step(&mut self, title: &str) {
        self.steps += 1;
        println!("\n{:2}. {title}", self.steps);
    }

    /// Something happened.
    pub fn line(&self, text: &str) {
        println!("    {text}");
    }

    /// An artefact, decoded.
    pub fn artefact(&self, title: &str, text: &str) {
        println!("    {title}:\n{}", text.trim_end());
    }

    /// A claim, checked: the demonstration ends where one does not hold.
    ///
    /// # Errors
    /// [`Failure`] if it does not hold.
    pub fn proved(&mut self, holds: bool, claim: &str) -> Result<(), Failure> {
        if !holds {
            println!("    WRONG: {claim}");
            return Err(Failure::failed(format!("this does not hold: {claim}"), "report this, with the output above"));
        }
        self.proved += 1;
        println!("    proved: {claim}");
        Ok(())
    }

    /// The closing line.
    pub fn close(&self) {
        println!("\n{} steps, {} claims proved", self.steps, self.proved);
    }
}
