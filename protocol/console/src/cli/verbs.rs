//! One verb each.

use super::report;
use super::{Cli, Verb, typed};
use crate::client::Client;
use crate::failure::Failure;
use crate::stop::Stop;
use crate::trust::root_key;
use leasehold_protocol::armour::{FILE_LEN_MAX, Label, label_of};
use leasehold_protocol::claims::plain;
use leasehold_protocol::machine::{Enrolment, Notice, Phase};
use leasehold_protocol::message::Host;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

pub(super) fn run(cli: Cli) -> Result<(), Failure> {
    let (dir, settings, now, json) = (cli.folder()?, cli.settings(), cli.now, cli.json);
    let open = || Client::open(&dir, settings.clone(), now);
    match cli.verb {
        Verb::Init { trust, product } => {
            let hint = "use 1 to 128 bytes of plain text";
            let unfit = |problem| Failure::Usage { what: format!("the product {problem}"), hint };
            let product = plain(&product).map_err(unfit)?;
            let client = Client::init(&dir, root_key(&trust)?, &product, settings, now)?;
            report::made(&client, json);
            Ok(())
        }
        Verb::Register { code, name, product_version } => {
            let host = Host { version: product_version, ..Host::default() };
            let enrolment = Enrolment { code: typed(code)?, device_name: name, host };
            let mut client = open()?;
            let notices = client.register(enrolment)?;
            done(&client, &notices, json)
        }
        Verb::Activate(order) => {
            let order = order.order()?;
            let mut client = open()?;
            let notices = client.activate(order)?;
            done(&client, &notices, json)
        }
        Verb::Check { usage } => {
            let mut client = open()?;
            usage.map_or(Ok(()), |usage| client.report_usage(usage))?;
            let notices = client.check()?;
            done(&client, &notices, json)
        }
        Verb::Release => {
            let mut client = open()?;
            let notices = client.release()?;
            done(&client, &notices, json)
        }
        Verb::Run => keep_fresh(open()?, json),
        Verb::Status => {
            let client = Client::look(&dir, now)?;
            report::status(&client, json);
            match (client.status().state, client.machine().end()) {
                (Phase::Expired, Some(end)) => Err(Failure::Expired(end)),
                _ => Ok(()),
            }
        }
        Verb::Request { order, out } => {
            let order = order.order()?;
            write(&out, &open()?.request(order)?)
        }
        Verb::Import { file } => {
            let file = read(&file)?;
            let mut client = open()?;
            let notices = match label_of(&file) {
                Some(Label::Keyset) => client.import_keyset(&file)?,
                _ => client.import(&file)?,
            };
            done(&client, &notices, json)
        }
        Verb::Return { out } => write(&out, &open()?.surrender()?),
    }
}

fn done(client: &Client, notices: &[Notice], json: bool) -> Result<(), Failure> {
    if !json {
        notices.iter().for_each(|notice| println!("{notice}"));
    }
    report::status(client, json);
    Ok(())
}

fn keep_fresh(mut client: Client, json: bool) -> Result<(), Failure> {
    let mut stop = Stop::on_signals().map_err(Failure::disk("signal handlers"))?;
    report::status(&client, json);
    client.run(&mut stop, |now, notice| report::news(now.wall, notice, json))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let limit = FILE_LEN_MAX as u64 + 1; // one more than allowed, so that the reader of the armour notices
    let done = match path.to_str() {
        Some("-") => io::stdin().take(limit).read_to_end(&mut bytes),
        _ => File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)),
    };
    done.map_err(Failure::disk(path))?;
    Ok(bytes)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let done = match path.to_str() {
        Some("-") => io::stdout().write_all(text.as_bytes()),
        _ => fs::write(path, text),
    };
    done.map_err(Failure::disk(path))
}
