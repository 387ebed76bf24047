//! The parsers of outside bytes in the server, its ledger and the console, each as a plain function that must not panic. What is
//! accepted is written and read again: the same value, and the same bytes where the format has one spelling.

use crate::storm::Met;
use axum::extract::FromRequestParts;
use axum::http::{Request, Uri};
use futures_util::FutureExt;
use leasehold::admin::extract::Query;
use leasehold::admin::list::Listing;
use leasehold::admin::list::rows::Lots;
use leasehold::admin::page::{LIMIT_MAX, Page, PageQuery};
use leasehold::admin::value::{OnDay, When};
use leasehold::config::Config;
use leasehold_ledger::record::{
    Account, Activation, Device, Event, EventHead, Holding, Installation, Key, LicenseFile, Mail, MailNotice,
    Membership, Notice, Order, Product, Remembered, Secret, Setting, Token, User,
};
use leasehold_ledger::renewal::Renewal;
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::rule::code;
use leasehold_ledger::store::Table;
use leasehold_protocol::ActivationId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::path::PathBuf;
use std::{fs, process};

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// The settings' file.
pub fn config(bytes: &[u8]) -> Met {
    let Some(Ok(config)) = text(bytes).map(toml::from_str::<Config>) else { return Met::Refused };
    let written = toml::to_string(&config).expect("settings are always encodable");
    assert_eq!(toml::from_str::<Config>(&written), Ok(config));
    Met::Accepted
}

/// The query of a list: what stands behind the question mark.
pub fn query(bytes: &[u8]) -> Met {
    let uri = text(bytes).and_then(|text| format!("/list?{text}").parse::<Uri>().ok());
    let Some(uri) = uri else { return Met::Refused };
    let (mut parts, ()) = Request::builder().uri(uri).body(()).expect("a request").into_parts();
    let read = Query::<PageQuery>::from_request_parts(&mut parts, &()).now_or_never().expect("nothing to wait for");
    let listing = Listing::<Lots>::from_request_parts(&mut parts, &()).now_or_never().expect("nothing to wait for");
    let met = if listing.is_ok() { Met::Accepted } else { Met::Refused };
    let Ok(Query(asked)) = read else { return met };
    if page(&asked) == Met::Accepted {
        assert_eq!(met, Met::Accepted, "a list takes what every list takes");
    }
    met
}

/// A cursor by itself. Its bytes have one spelling, so what is accepted would be given out again as it came.
pub fn cursor(bytes: &[u8]) -> Met {
    let Some(text) = text(bytes) else { return Met::Refused };
    page(&PageQuery { limit: None, cursor: Some(text.to_owned()) })
}

fn page(asked: &PageQuery) -> Met {
    let Ok(paging) = asked.paging() else { return Met::Refused };
    assert!((1..=LIMIT_MAX).contains(&paging.limit));
    assert_eq!(Page::<()>::new(vec![], paging.after.as_deref()).next, asked.cursor);
    Met::Accepted
}

/// A time and a day in JSON.
pub fn json_times(bytes: &[u8]) -> Met {
    let (when, day) = (json_again::<When>(bytes), json_again::<OnDay>(bytes));
    if when == Met::Accepted { when } else { day }
}

fn json_again<T: DeserializeOwned + Serialize + PartialEq + Debug>(bytes: &[u8]) -> Met {
    let Ok(value) = serde_json::from_slice::<T>(bytes) else { return Met::Refused };
    let written = serde_json::to_vec(&value).expect("encodable");
    assert_eq!(serde_json::from_slice::<T>(&written).expect("it was just written"), value);
    Met::Accepted
}

/// What people type: key codes, names, licensees. What was accepted once is in its last form.
pub fn typed(bytes: &[u8]) -> Met {
    let Some(text) = text(bytes) else { return Met::Refused };
    let again = |parse: fn(&str) -> Option<String>| {
        parse(text).map(|parsed| assert_eq!(parse(&parsed).as_ref(), Some(&parsed))).is_some()
    };
    let folded = code::fold(text);
    assert_eq!(code::fold(&folded), folded, "{text:?}");
    let accepted = [
        again(|text| code::parse(text).ok()),
        again(|text| code::name(text).ok()),
        again(|text| code::licensee(None, text).ok()),
    ];
    if accepted.contains(&true) { Met::Accepted } else { Met::Refused }
}

/// The root key's file, as a console reads it.
pub fn root_key(bytes: &[u8]) -> Met {
    let path: PathBuf = std::env::temp_dir().join(format!("leasehold-malformed-root-{}", process::id()));
    fs::write(&path, bytes).expect("a writable temporary folder");
    let read = leasehold_console::root_key(&path);
    fs::remove_file(&path).expect("our own file");
    read.map(|key| assert_eq!(key.check(), Ok(()))).into()
}

/// A row of the store, its checksum made to fit: the first byte picks the record, the rest is version and body.
pub fn row(bytes: &[u8]) -> Met {
    let Some((kind, body)) = bytes.split_first() else { return Met::Refused };
    let readers: [fn(&[u8]) -> Met; 20] = [
        record::<Account>,
        record::<Activation>,
        record::<Device>,
        record::<Event>,
        record::<EventHead>,
        record::<Holding>,
        record::<Installation>,
        record::<Key>,
        record::<LicenseFile>,
        record::<Order>,
        record::<Product>,
        record::<Token>,
        record::<User>,
        record::<Membership>,
        record::<Secret>,
        record::<Mail>,
        record::<Remembered>,
        record::<Setting>,
        record::<Notice>,
        record::<MailNotice>,
    ];
    readers[usize::from(*kind) % readers.len()](body)
}

/// Where [`row`] has the records of a table; none for an index, whose values are keys, and for the slots of renewals.
pub fn kind_of(table: Table, key: &[u8]) -> Option<u8> {
    use Table::*;
    match table {
        Accounts => Some(0),
        Activations => Some(1),
        Devices => Some(2),
        Events => Some(3),
        Meta if key == EventHead::KEY => Some(4),
        Holdings => Some(5),
        Meta if key == Installation::KEY => Some(6),
        Keys => Some(7),
        Files => Some(8),
        Orders => Some(9),
        Products => Some(10),
        Tokens => Some(11),
        Users => Some(12),
        Memberships => Some(13),
        Secrets => Some(14),
        Outbox => Some(15),
        Remembered => Some(16),
        Settings => Some(17),
        Table::Rehosts => Some(18),
        WaitingDevices => Some(19),
        ProductRevisions => Some(20),
        Notices => Some(18),
        MailNotices => Some(19),
        Meta | Renewals | AccountNames | KeyCodes | AccountHoldings | PoolNames | PoolAllotments | ActivationOf => None,
        HoldingActivations | OpenActivations | DeviceActivations | Encumbrances | Due | ActivationFiles => None,
        AccountEvents | TokenIds | AccountTokens | Jobs => None,
        UserNames | UserAccounts | UserSecrets | OutboxDue | UserMails | EnrolmentCodes => None,
        RememberedAges | RememberedCounts => None,
        UserSeats | AccountKeys | AccountLicenses | ProductOpen | OrderLines | Notices | MailNotices => None,
        RememberedAges | RememberedCounts | UserSeats => None,
    }
}

fn record<R: Record + PartialEq + Debug>(body: &[u8]) -> Met {
    let key = b"somewhere";
    let Ok(record) = row::decode::<R>(key, &row::sealed(R::TABLE, key, body.to_vec())) else { return Met::Refused };
    let written = row::encode(&record);
    assert_eq!(row::decode::<R>(&record.key(), &written).expect("it was just written"), record);
    Met::Accepted
}

/// A slot of renewals, its checksum made to fit. There is one spelling.
pub fn renewal(body: &[u8]) -> Met {
    let activation = ActivationId([7; 16]);
    let slot = row::sealed(Table::Renewals, &activation.0, body.to_vec());
    let Ok(renewal) = Renewal::decode(activation, &slot) else { return Met::Refused };
    assert_eq!(renewal.encode(activation), slot);
    Met::Accepted
}
