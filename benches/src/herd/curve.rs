//! Arrivals over time as an SVG: one panel a run.

use super::tally::{BINS_PER_SECOND, Tally};
use std::fmt::Write;

const WIDTH: f64 = 900.0;
const PANEL: f64 = 220.0;
const MARGIN: f64 = 60.0;

/// One run's arrivals.
pub struct Curve {
    title: String,
    /// Messages in each second.
    seconds: Vec<u32>,
}

impl Curve {
    /// Of a run.
    #[must_use]
    pub fn of(title: &str, tally: &Tally) -> Self {
        let shed = tally.statuses.get(&503).copied().unwrap_or(0);
        let title = format!("{title}: {} messages, {} leases, {shed} times 503", tally.sent(), tally.fresh());
        let seconds = tally.arrivals.chunks(BINS_PER_SECOND as usize).map(|bins| bins.iter().sum());
        Self { title, seconds: seconds.collect() }
    }

    fn panel(&self, top: f64, out: &mut String) {
        let (height, width) = (PANEL - 60.0, WIDTH - 2.0 * MARGIN);
        let most = self.seconds.iter().copied().max().unwrap_or(1).max(1);
        let (step, base) = (width / self.seconds.len().max(1) as f64, top + 30.0 + height);
        let point = |(second, count): (usize, &u32)| {
            let x = MARGIN + step * second as f64;
            let y = base - height * f64::from(*count) / f64::from(most);
            format!("L{x:.1} {y:.1}H{:.1}", x + step)
        };
        let line: String = self.seconds.iter().enumerate().map(point).collect();
        let text = |out: &mut String, x: f64, y: f64, text: &str| {
            writeln!(out, "<text x=\"{x:.0}\" y=\"{y:.0}\">{text}</text>").ok();
        };
        text(out, MARGIN, top + 18.0, &self.title);
        text(out, 4.0, top + 40.0, &format!("{most}/s"));
        text(out, MARGIN, base + 16.0, "0 s");
        text(out, MARGIN + width - 40.0, base + 16.0, &format!("{} s", self.seconds.len()));
        writeln!(out, "<path d=\"M{MARGIN} {base}{line}V{base}Z\"/>").ok();
    }
}

/// The picture.
#[must_use]
pub fn draw(curves: &[Curve]) -> String {
    let height = PANEL * curves.len() as f64;
    let mut out = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\">\n");
    out.push_str("<style>text{font:13px sans-serif}path{fill:#4477aa;stroke:none}</style>\n");
    for (curve, at) in curves.iter().zip(0u8..) {
        curve.panel(PANEL * f64::from(at), &mut out);
    }
    out.push_str("</svg>\n");
    out
}
