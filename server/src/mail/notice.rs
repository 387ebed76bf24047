//! What the notices say: what ends soon, and which consoles are silent.

use super::letter::{Block, one_line};
use super::words::{Sheet, account, text};
use leasehold_ledger::record::{MailKind, NoticeLine};

/// The words of a notice.
#[must_use]
pub fn words(kind: MailKind, sheet: &Sheet) -> Vec<Block> {
    let vendor = one_line(&sheet.vendor);
    let (first, last) = match kind {
        MailKind::MaintenanceEnding => (
            format!("Upgrades of these licences of {vendor} are free for a few days more."),
            "Whether licences are renewed after that day depends on the product: ask whoever sold them to you.",
        ),
        MailKind::ConsolesSilent => (
            format!("These consoles with licences of {vendor} were not heard of for some days."),
            "A console that cannot reach the licence server stops when its lease has ended.",
        ),
        _ => (
            format!("These licences of {vendor} end soon."),
            "What runs on them stops at its end, unless they are extended: ask whoever sold them to you.",
        ),
    };
    let mut facts: Vec<(&'static str, String)> = account(sheet).into_iter().collect();
    if let Some(notice) = &sheet.notice {
        facts.extend(notice.lines.iter().map(|one| (label(kind), line(one))));
        facts.extend((notice.more > 0).then(|| ("And more", notice.more.to_string())));
    }
    facts.push(("Portal", sheet.portal.to_string()));
    vec![Block::Text(first), Block::Facts(facts), text(last)]
}

fn label(kind: MailKind) -> &'static str {
    match kind {
        MailKind::MaintenanceEnding => "Free until",
        MailKind::ConsolesSilent => "Last heard",
        _ => "Ends",
    }
}

fn line(line: &NoticeLine) -> String {
    let products = line.products.join(", ");
    let units = if line.units.is_empty() { String::new() } else { format!(", {}", line.units) };
    one_line(&format!("{}: {} ({products}{units})", line.at, line.name))
}
