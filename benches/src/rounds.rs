//! Rounds of a figure, and its line: median, smallest, largest, and the verdict on its two bounds.
//!
//! Every round measures the figure and its reference one after the other; the figure is the median of the rounds' ratios. A
//! reference that itself spreads over the rounds measures the neighbours of this machine, not the server: then there is no
//! figure.

/// The reference's largest spread, (largest - smallest) / median.
const SPREAD_MAX: f64 = 0.15;

/// Values, and what each was divided by.
#[derive(Debug, Clone, Default)]
pub struct Rounds {
    values: Vec<f64>,
    references: Vec<f64>,
}

impl Rounds {
    /// A round of a ratio.
    pub fn ratio(&mut self, cost: f64, reference: f64) {
        self.values.push(cost / reference);
        self.references.push(reference);
    }

    /// A round of a figure that is stated as it is.
    pub fn plain(&mut self, value: f64) {
        self.values.push(value);
    }

    /// The median.
    #[must_use]
    pub fn median(&self) -> f64 {
        median(&self.values)
    }

    /// The reference's median.
    #[must_use]
    pub fn reference(&self) -> f64 {
        median(&self.references)
    }

    /// How far the reference spreads, as a share of its median.
    #[must_use]
    pub fn spread(&self) -> f64 {
        if self.references.is_empty() {
            return 0.0;
        }
        (largest(&self.references) - smallest(&self.references)) / self.reference()
    }

    fn is_steady(&self) -> bool {
        self.spread() <= SPREAD_MAX
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn smallest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn largest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// A bound, and whether it holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// The bound.
    pub bound: f64,
    /// It holds.
    pub met: bool,
}

/// The line of a figure: `S1 <median> <min> <max> first <bound> ok|short then <bound> ok|short`, or `S1 unsteady`.
#[must_use]
pub fn line(name: &str, rounds: &Rounds, [first, then]: [Verdict; 2]) -> String {
    if !rounds.is_steady() {
        return format!("{name} unsteady");
    }
    let word = |verdict: Verdict| if verdict.met { "ok" } else { "short" };
    let (median, min, max) = (rounds.median(), smallest(&rounds.values), largest(&rounds.values));
    let digits = if median >= 10.0 { 1 } else { 3 };
    format!(
        "{name} {median:.digits$} {min:.digits$} {max:.digits$} first {} {} then {} {}",
        first.bound,
        word(first),
        then.bound,
        word(then)
    )
}

/// The line of a figure whose bounds are on its own median.
#[must_use]
pub fn bounded(name: &str, rounds: &Rounds, bounds: [f64; 2]) -> String {
    line(name, rounds, bounds.map(|bound| Verdict { bound, met: rounds.median() <= bound }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(references: &[f64]) -> Rounds {
        let mut rounds = Rounds::default();
        references.iter().zip(1u8..).for_each(|(reference, nth)| rounds.ratio(reference * f64::from(nth), *reference));
        rounds
    }

    #[test]
    fn a_line_has_the_median_of_the_ratios_and_both_verdicts() {
        let line = bounded("S1", &rounds(&[100.0, 105.0, 95.0]), [2.5, 1.0]);
        assert_eq!(line, "S1 2.000 1.000 3.000 first 2.5 ok then 1 short");
    }

    #[test]
    fn a_reference_that_spreads_more_than_15_percent_gives_no_figure() {
        assert_eq!(bounded("S1", &rounds(&[100.0, 108.0, 92.0]), [9.0, 9.0]), "S1 unsteady");
    }
}
