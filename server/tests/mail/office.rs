//! A server without listeners over a store in memory, with people in its books and a clock that stands where it is put.

use crate::common::seed::Operator;
use crate::common::server::ISS;
use crate::mailbox::Mailbox;
use crate::{plain, sender, within};
use arc_swap::ArcSwap;
use leasehold::app::App;
use leasehold::clock::Clock;
use leasehold::config::{Config, Mail as Settings, PortalAddress, Smtp};
use leasehold::identity::{Identity, hashing};
use leasehold::init::{Plan, init};
use leasehold::keyring::{FOLDER, Keyring};
use leasehold::mail::post::{Post, Step};
use leasehold::metrics::Metrics;
use leasehold::net::limit::Limits;
use leasehold::random;
use leasehold::writer::Writer;
use leasehold::writer::batch::Decider;
use leasehold_ledger::actor::Role;
use leasehold_ledger::command::people::{NewUser, People, Place, Welcome};
use leasehold_ledger::memory::MemoryStore;
use leasehold_ledger::record::*;
use leasehold_ledger::store::Store;
use leasehold_ledger::{Command, people, view};
use leasehold_protocol::Time;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

pub const START: Time = Time(1_800_000_000);

pub struct Office {
    folder: Arc<TempDir>,
    pub store: Arc<MemoryStore>,
    pub app: Arc<App>,
    pub now: Time,
}

/// What a server that sends through `smtp` writes with.
pub fn post(smtp: Option<Smtp>) -> Post {
    let portal = PortalAddress::try_from("https://licences.l.example".to_owned()).expect("an address");
    let mail = Settings { portal: Some(portal), from: Some(sender()), smtp, ..Settings::default() };
    let config = Config { mail, ..Config::default() };
    Post::new(&config, SocketAddr::from((Ipv4Addr::LOCALHOST, 8461))).expect("settings that can be used")
}

impl Office {
    pub fn new() -> Self {
        let folder = Arc::new(TempDir::new().expect("a temporary folder"));
        let plan =
            Plan { data: folder.path(), iss: ISS, vendor: "Example Software", passphrase: None, demo_root: true };
        init(&plan, Clock::Fixed(START)).unwrap_or_else(|failure| panic!("{failure:?}"));
        let store = Arc::new(MemoryStore::new());
        Operator { store: store.as_ref(), now: START }.set_up(ISS);
        Self::over(folder, store, START)
    }

    /// The same installation, started again at `now`.
    pub fn later(self, now: Time) -> Self {
        self.app.writer.close().expect("nothing failed");
        Self::over(self.folder, self.store, now)
    }

    fn over(folder: Arc<TempDir>, store: Arc<MemoryStore>, now: Time) -> Self {
        let keyring = Keyring::read(&folder.path().join(FOLDER), ISS, None, now).expect("the keys read");
        let keyring = Arc::new(ArcSwap::from_pointee(keyring));
        let (clock, metrics) = (Clock::Fixed(now), Arc::new(Metrics::new()));
        let decider = Decider { store: store.clone(), keyring: keyring.clone(), clock, metrics: metrics.clone() };
        let app = App {
            data: folder.path().to_owned(),
            store: store.clone(),
            writer: Writer::start(decider, |_| ()).expect("a thread"),
            keyring,
            clock,
            metrics,
            limits: Limits::new(),
            identity: Identity::new(hashing::CHEAP),
            ready: AtomicBool::new(true),
            in_flight: Default::default(),
        };
        Self { folder, store, app: Arc::new(app), now }
    }

    pub fn vendor(&self) -> AccountId {
        Operator { store: self.store.as_ref(), now: self.now }.vendor()
    }

    /// Does something as the vendor's administrator.
    pub fn does(&self, command: Command) {
        Operator { store: self.store.as_ref(), now: self.now }.does(&command);
    }

    /// A user of the vendor's own account.
    pub fn user(&self, name: &str, welcome: Welcome) -> UserId {
        let id = UserId(random::id(self.now));
        self.does(Command::People(Box::new(People::CreateUser(NewUser {
            id,
            username: Some(name.to_owned()),
            email: format!("{name}@l.example"),
            person: Person { first_name: name.to_owned(), last_name: "Example".into(), ..Person::default() },
            password: None,
            place: Place::Member { account: self.vendor(), role: Role::Viewer },
            welcome,
        }))));
        id
    }

    pub fn step(&self, post: &Post) -> Step {
        within(30, post.step(&self.app)).expect("the store is well")
    }

    /// Everything that can be sent now.
    pub fn steps(&self, post: &Post) -> Vec<Step> {
        std::iter::from_fn(|| Some(self.step(post)).filter(|step| *step != Step::Idle)).collect()
    }

    pub fn mail(&self, id: u64) -> Mail {
        let view = self.store.read().expect("it reads");
        view::find(view.as_ref(), &id.to_be_bytes()).expect("it decodes").expect("a mail of this number")
    }

    pub fn find(&self, id: UserId) -> User {
        people::user(self.store.read().expect("it reads").as_ref(), id).expect("it reads").expect("a user")
    }

    /// The link of these words, if it works.
    pub fn secret(&self, link: &str) -> Option<Secret> {
        let hash = leasehold::identity::secret::hash(link);
        people::secret(self.store.read().expect("it reads").as_ref(), &hash).expect("it reads")
    }

    /// A series of the metrics.
    pub fn counted(&self, series: &str) -> f64 {
        let page = String::from_utf8(self.app.metrics.page().expect("a page")).expect("text");
        let line =
            page.lines().find_map(|line| line.strip_prefix(series)).unwrap_or_else(|| panic!("{series}\n{page}"));
        line.trim().parse().expect("a number")
    }

    /// Whether these bytes stand anywhere in the store.
    pub fn holds(&self, secret: &str) -> bool {
        let rows = self.store.rows();
        rows.iter().any(|(_, key, value)| {
            [key, value].iter().any(|bytes| crate::common::secrets::holds(bytes, secret.as_bytes()))
        })
    }
}

/// A mail server, and what writes through it.
pub fn pair() -> (Mailbox, Post) {
    let mailbox = Mailbox::open();
    let post = post(Some(plain(&mailbox)));
    (mailbox, post)
}

/// The secret in the one link of a text.
pub fn link(text: &str) -> &str {
    let mut found = text.lines().filter_map(|line| line.split_once("?link=")).map(|(_, secret)| secret.trim());
    let secret = found.next().unwrap_or_else(|| panic!("no link in {text}"));
    assert!(found.next().is_none(), "two links in {text}");
    assert!(secret.starts_with("ll_"), "{secret}");
    secret
}
