//! `sign`: request files to licence files, within a grant.

use super::failure::Failure;
use super::passphrase::Source;
use super::{Form, Report, now, streams};
use crate::allotment::Allotment;
use crate::answer::{Answer, BATCH_MAX};
use crate::batch::{self, Job};
use crate::disk::RealDisk;
use crate::journal::{Journal, Lock};
use crate::signer::FileSigner;
use crate::verify::cose_bytes;
use crate::{keyfile, moment};
use leasehold_protocol::Time;
use leasehold_protocol::armour::Label;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Answer request files with signed licence files. The same request gives the same file, charged once
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  leasehold-signer sign gate4.lreq --grant north.toml --key file.key --keyset keyset.lks \\\n    \
                        --journal north.journal --out gate4.lic"
)]
pub struct Args {
    /// Request files; - for standard input
    #[arg(value_name = "REQUEST", required = true)]
    requests: Vec<PathBuf>,
    /// The units there are to give
    #[arg(long, value_name = "GRANT.toml")]
    grant: PathBuf,
    /// The file key
    #[arg(long, value_name = "KEY")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: Source,
    /// The keyset that certifies it; it travels in every licence file
    #[arg(long, value_name = "FILE")]
    keyset: PathBuf,
    /// The root key's public half: checks the keyset before anything is signed
    #[arg(long, value_name = "ROOT.pub")]
    trust: Option<PathBuf>,
    /// What was signed already. Keep it: without it a grant can be spent twice
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,
    /// A licence file, a folder for several, or - for standard output
    #[arg(long, value_name = "FILE|DIR")]
    out: PathBuf,
    /// Sign as of this time (RFC 3339 or seconds since 1970)
    #[arg(long, value_name = "T", value_parser = moment::parse)]
    now: Option<Time>,
}

pub fn run(args: &Args, form: Form) -> Result<Report, Failure> {
    let outs = outs(&args.requests, &args.out)?;
    let allotment = Allotment::parse(&streams::read_text(&args.grant)?)?;
    let root = args.trust.as_deref().map(keyfile::read_public).transpose()?;
    let keyset = cose_bytes(&streams::read(&args.keyset)?)?;
    let signer = FileSigner::new(args.passphrase.open(&args.key)?, keyset, root.as_ref())?;
    let now = now(args.now);
    let _lock = Lock::take(&args.journal)?;
    let mut journal = Journal::open(RealDisk, &args.journal, now)?;
    let mut report = Report { quiet: streams::is_dash(&args.out), ..Report::new(String::new(), Value::Null) };
    let mut results = Vec::new();
    for (requests, outs) in args.requests.chunks(BATCH_MAX).zip(outs.chunks(BATCH_MAX)) {
        let answers = answer(requests, outs, &mut journal, &allotment, &signer, now)?;
        for ((request, out), answer) in requests.iter().zip(outs).zip(answers) {
            match (answer, form) {
                (Ok(answer), Form::Text) => report.text.push_str(&line(request, out.as_deref(), &answer)),
                (Ok(answer), Form::Json) => results.push(entry(request, out.as_deref(), &answer)),
                (Err(failure), _) => {
                    let name = request.display().to_string();
                    let mut result = failure.json();
                    result["request"] = name.clone().into();
                    results.push(result);
                    report.failures.push((name, failure));
                }
            }
        }
    }
    let charged = journal.charged(&allotment.grant);
    report.text.push_str(&format!("grant {}: {charged} of {} in use", allotment.grant, allotment.units));
    report.json =
        json!({"results": results, "grant": allotment.grant, "charged": charged, "allotted": allotment.units});
    Ok(report)
}

/// What is said of a file to people.
fn line(request: &Path, out: Option<&Path>, answer: &Answer) -> String {
    let said = if answer.repeated { "signed before" } else { "signed" };
    let out = out.unwrap_or(Path::new("-")).display();
    format!("{} -> {out} ({said}, request {})\n", request.display(), answer.request)
}

/// And to programs.
fn entry(request: &Path, out: Option<&Path>, answer: &Answer) -> Value {
    let (request, out) = (request.display().to_string(), out.unwrap_or(Path::new("-")).display().to_string());
    json!({"request": request, "out": out, "digest": answer.request.to_string(), "repeated": answer.repeated})
}

/// One batch. A request that cannot be read spoils no other.
fn answer(
    requests: &[PathBuf],
    outs: &[Option<PathBuf>],
    journal: &mut Journal<RealDisk>,
    allotment: &Allotment,
    signer: &FileSigner,
    now: Time,
) -> Result<Vec<Result<Answer, Failure>>, Failure> {
    let files: Vec<Result<Vec<u8>, Failure>> = requests.iter().map(|request| streams::read(request)).collect();
    let readable =
        files.iter().zip(outs).filter_map(|(file, out)| Some(Job { file: file.as_ref().ok()?, out: out.as_deref() }));
    let jobs: Vec<Job<'_>> = readable.collect();
    let answers = batch::run(&jobs, &mut journal.desk(allotment), signer, &mut RealDisk, now);
    let mut answers = answers.map_err(|error| Failure::record(&error))?.into_iter();
    let mut results = Vec::with_capacity(requests.len());
    for (file, out) in files.into_iter().zip(outs) {
        results.push(match file {
            Err(failure) => Err(failure),
            Ok(_) => {
                let answer = answers.next().expect("one answer a job").map_err(Failure::from);
                if let (Ok(answer), None) = (&answer, out) {
                    streams::write(Path::new("-"), answer.file().as_bytes())?;
                }
                answer
            }
        });
    }
    Ok(results)
}

/// Where each licence file goes; nowhere means standard output.
fn outs(requests: &[PathBuf], out: &Path) -> Result<Vec<Option<PathBuf>>, Failure> {
    if !out.is_dir() {
        return match requests {
            [_] => Ok(vec![(!streams::is_dash(out)).then(|| out.to_owned())]),
            _ => Err(Failure::usage(
                format!("{} requests, but {} is not a folder", requests.len(), out.display()),
                "make the folder first, or sign one request at a time",
            )),
        };
    }
    let mut taken: HashMap<&OsStr, &PathBuf> = HashMap::with_capacity(requests.len());
    let mut outs = Vec::with_capacity(requests.len());
    for request in requests {
        let stem = if streams::is_dash(request) { Some("stdin".as_ref()) } else { request.file_stem() };
        let stem = stem.ok_or_else(|| Failure::usage(format!("{} names no file", request.display()), "name a file"))?;
        let out = out.join(stem).with_added_extension(Label::License.extension());
        if let Some(other) = taken.insert(stem, request) {
            let what =
                format!("{} and {} would both be written to {}", other.display(), request.display(), out.display());
            return Err(Failure::usage(what, "rename one, or sign them one at a time"));
        }
        outs.push(Some(out));
    }
    Ok(outs)
}
