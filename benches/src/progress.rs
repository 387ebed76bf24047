//! Progress on standard error; nothing where nobody looks.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that counts to `all`.
#[must_use]
pub fn bar(all: u64, what: &'static str) -> ProgressBar {
    let template = "{bar:30} {human_pos}/{human_len} {msg} {per_sec} {elapsed} left {eta}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(all).with_style(style).with_message(what)
}
