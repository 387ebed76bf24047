//! What commands are called in the counts of a run.

use leasehold_ledger::Command;
use leasehold_ledger::command::license::LicenseCommand;

/// The names of commands that mint, move, charge, free or retire units.
pub const UNITS: [&str; 23] = [
    "minted",
    "retired",
    "converted",
    "pool quotas",
    "moved",
    "keys made",
    "key quotas",
    "keys stopped",
    "keys deleted",
    "activations",
    "checks",
    "releases",
    "file requests",
    "returns",
    "lapses",
    "accounts on and off",
    "lines transferred",
    "renewals ended",
    "rehosted",
    "reserves minted",
    "licences made",
    "licences upgraded",
    "licences deleted",
];

/// The command's name.
pub fn name(command: &Command) -> &'static str {
    match command {
        Command::Mint(_) => "minted",
        Command::Retire { .. } => "retired",
        Command::Convert { .. } => "converted",
        Command::SetPoolQuota { .. } => "pool quotas",
        Command::Move { .. } => "moved",
        Command::CreatePoolKey(_) => "keys made",
        Command::SetKeyQuota { .. } => "key quotas",
        Command::StopKey { .. } => "keys stopped",
        Command::DeleteKey { .. } => "keys deleted",
        Command::Activate { .. } => "activations",
        Command::Check { .. } => "checks",
        Command::Release { .. } => "releases",
        Command::AnswerRequest { .. } => "file requests",
        Command::TakeReturn { .. } => "returns",
        Command::Lapse { .. } => "lapses",
        Command::AcceptClock { .. } => "clocks set back",
        Command::Restored { .. } | Command::Doubt { .. } => "restored",
        Command::SetAccountStatus { .. } => "accounts on and off",
        Command::TransferLine(_) => "lines transferred",
        Command::StopRenewal { .. } => "renewals ended",
        Command::Rehost { .. } => "rehosted",
        Command::MintReserve { .. } => "reserves minted",
        Command::License(command) => match **command {
            LicenseCommand::Make(_) => "licences made",
            LicenseCommand::Upgrade { .. } => "licences upgraded",
            LicenseCommand::Delete { .. } => "licences deleted",
            _ => "other",
        },
        _ => "other",
    }
}
