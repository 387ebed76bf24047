//! Users, and what they do, one call each.

use super::world::World;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::*;
use leasehold_ledger::draft::Draft;
use leasehold_ledger::record::*;
use leasehold_ledger::store::Store;
use leasehold_ledger::{Command, Outcome, people};
use leasehold_protocol::Refused;

/// The PHC string of a password, as far as the ledger is concerned.
pub fn phc(password: &str) -> PasswordHash {
    PasswordHash(format!("$phc${password}"))
}

/// A new user of an account, with a password and no mail.
pub fn new_user(id: UserId, account: AccountId, name: &str, role: Role) -> NewUser {
    NewUser {
        id,
        username: Some(name.to_owned()),
        email: format!("{name}@example.com"),
        person: Person::default(),
        password: Some(phc("first")),
        place: Place::Member { account, role },
        welcome: Welcome::Nothing,
    }
}

impl World {
    pub fn people(&mut self, actor: Actor, command: People) -> Result<Outcome, Refused> {
        self.run(actor, Command::People(Box::new(command)))
    }

    pub fn did(&mut self, actor: Actor, command: People) {
        self.people(actor, command).expect("it is allowed");
    }

    pub fn hash(&mut self) -> [u8; 32] {
        let mut hash = [9; 32];
        hash[..16].copy_from_slice(self.draw().as_bytes());
        hash
    }

    pub fn user(&mut self, account: AccountId, name: &str, role: Role) -> UserId {
        let id = UserId(self.draw());
        self.did(self.root(), People::CreateUser(new_user(id, account, name, role)));
        id
    }

    /// A user in a personal account of its own below the vendor.
    pub fn personal(&mut self, name: &str) -> (UserId, AccountId) {
        let (id, account) = (UserId(self.draw()), AccountId(self.draw()));
        let place = Place::Personal { account, parent: self.vendor, name: format!("{name}'s own") };
        let new = NewUser { place, ..new_user(id, account, name, Role::Viewer) };
        self.did(self.root(), People::CreateUser(new));
        (id, account)
    }

    /// Makes a user the owner of an account.
    pub fn owner(&mut self, account: AccountId, name: &str) -> UserId {
        let user = self.user(account, name, Role::Viewer);
        self.did(self.root(), People::HandOver { account, user });
        user
    }

    /// Invites the user's own address.
    pub fn invited(&mut self, account: AccountId, email: &str) -> UserId {
        let id = UserId(self.draw());
        let invite = People::InviteUser { account, email: email.into(), role: Role::Operator, user: id };
        self.did(self.root(), invite);
        self.named(email).id
    }

    /// Somebody with a password is invited, and joins.
    pub fn joins(&mut self, account: AccountId, user: UserId) {
        self.invited(account, &self.who(user).email);
        let mails = self.mails(user);
        let invitation = |mail: &&Mail| mail.kind == MailKind::Invitation && mail.account == Some(account);
        let mail = mails.iter().find(invitation).expect("it was invited").id;
        let link = self.try_link(mail).expect("it is pending");
        self.did(self.alone(user), People::ConfirmInvitation { link, claim: None });
    }

    /// A person signed in, speaking for an account it is active in.
    pub fn person(&self, user: UserId, account: AccountId) -> Actor {
        let role = self.part(account, user).acts_as().expect("it takes part");
        Actor::person(&self.who(user), Some((account, role)))
    }

    /// A person signed in, speaking for no account.
    pub fn alone(&self, user: UserId) -> Actor {
        Actor::person(&self.who(user), None)
    }

    pub fn who(&self, user: UserId) -> User {
        let view = self.store.read().expect("memory");
        people::user(view.as_ref(), user).expect("sound").expect("there is one")
    }

    pub fn named(&self, name: &str) -> User {
        let view = self.store.read().expect("memory");
        people::user_named(view.as_ref(), name).expect("sound").expect("there is one")
    }

    pub fn key_named(&self, code: &str) -> Key {
        let view = self.store.read().expect("memory");
        Draft::new(view.as_ref()).key_by_code(code).expect("sound").expect("there is one")
    }

    pub fn part(&self, account: AccountId, user: UserId) -> Membership {
        let view = self.store.read().expect("memory");
        people::membership(view.as_ref(), account, user).expect("sound").expect("there is one")
    }

    pub fn members(&self, account: AccountId) -> Vec<Membership> {
        let view = self.store.read().expect("memory");
        people::members_of(view.as_ref(), account).expect("sound")
    }

    pub fn secrets(&self, user: UserId) -> Vec<Secret> {
        let view = self.store.read().expect("memory");
        people::secrets_of(view.as_ref(), user).expect("sound")
    }

    /// The open mails to a user.
    pub fn mails(&self, user: UserId) -> Vec<Mail> {
        let view = self.store.read().expect("memory");
        people::mails_open(view.as_ref(), user).expect("sound")
    }

    pub fn mail(&self, user: UserId, kind: MailKind) -> Mail {
        self.mails(user).into_iter().find(|mail| mail.kind == kind).expect("one was posted")
    }

    /// Draws the link of a mail, as rendering it does.
    pub fn try_link(&mut self, mail: MailId) -> Result<[u8; 32], Refused> {
        let (id, hash) = (SecretId(self.draw()), self.hash());
        let issue = People::IssueLink { mail, id, hash, password: None };
        self.people(Actor::system("job mail"), issue).map(|_| hash)
    }

    pub fn link(&mut self, user: UserId, kind: MailKind) -> [u8; 32] {
        let mail = self.mail(user, kind).id;
        self.try_link(mail).expect("it says so still")
    }

    /// Asks for a reset and reads the mail.
    pub fn reset_link(&mut self, user: UserId) -> [u8; 32] {
        self.did(Actor::system("sign-in"), People::RequestReset { user });
        self.link(user, MailKind::Reset)
    }

    pub fn set_by(&mut self, hash: [u8; 32], password: &str) -> Result<(), Refused> {
        let set = People::SetPassword { authority: Authority::Link { hash }, password: phc(password) };
        self.people(Actor::system("sign-in"), set).map(drop)
    }

    pub fn new_secret(&mut self) -> NewSecret {
        NewSecret { id: SecretId(self.draw()), hash: self.hash(), from: "192.0.2.7".into() }
    }

    pub fn try_session(&mut self, user: UserId, password: &str) -> Result<NewSecret, Refused> {
        let secret = self.new_secret();
        let basis = Basis::Password { verified: phc(password) };
        self.people(self.alone(user), People::OpenSession { user, secret: secret.clone(), basis }).map(|_| secret)
    }

    pub fn session(&mut self, user: UserId, password: &str) -> NewSecret {
        self.try_session(user, password).expect("the password is right")
    }
}
