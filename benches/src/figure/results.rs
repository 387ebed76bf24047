//! `RESULTS.md`: machine, commit, command, table.

use super::Figure;
use crate::Done;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What stands below this line is kept from run to run: people write it.
const KEPT: &str = "<!-- Below this line nothing is generated. -->";

/// Writes the file.
///
/// # Errors
/// The file system's.
pub fn write(file: &Path, figures: &[Figure]) -> Done {
    let kept = fs::read_to_string(file).ok();
    let kept = kept.and_then(|text| Some(text.split_once(KEPT)?.1.to_owned())).unwrap_or_else(|| "\n".to_owned());
    let words: Vec<String> = std::env::args().skip(1).collect();
    let mut text = format!(
        "# Results\n\nWritten by `make bench`. What the figures mean: [README.md](README.md).\n\n\
         | | |\n|---|---|\n| machine | {} |\n| commit | {} |\n| command | `leasehold-benches {}` |\n\n```text\n",
        machine(),
        commit(),
        words.join(" ")
    );
    figures.iter().for_each(|figure| text.push_str(&format!("{}\n", figure.line)));
    text.push_str("```\n\n## Rounds\n\n```text\n");
    figures.iter().flat_map(|figure| &figure.notes).for_each(|note| text.push_str(&format!("{note}\n")));
    text.push_str(&format!("```\n\n{KEPT}{kept}"));
    Ok(fs::write(file, text)?)
}

/// Processor, cores, memory, kernel.
fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map_or_else(String::new, |(_, value)| value.trim().to_owned())
    };
    let cpu = read("/proc/cpuinfo");
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let memory = field(&read("/proc/meminfo"), "MemTotal");
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{}, {cores} cores, {memory}, Linux {}", field(&cpu, "model name"), kernel.trim())
}

fn commit() -> String {
    let git = |words: &[&str]| {
        let output = Command::new("git").args(words).output().ok()?;
        String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned())
    };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|text| !text.is_empty());
    let changed = if changed { ", with changes" } else { "" };
    format!("{}{changed}", git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(|| "unknown".into()))
}
