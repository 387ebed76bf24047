//! Every write about people. Hashes in a command are SHA-256 of secrets that only their holder has; passwords are hashed
//! already: the ledger never sees a password, a link or a token.

use crate::actor::Role;
use crate::record::*;
use crate::rule::account::NewAccount;
use leasehold_protocol::Time;

/// Where a new user stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In an account that is there, active at once (A43, A53, V9).
    Member {
        /// The account.
        account: AccountId,
        /// As what.
        role: Role,
    },
    /// In a new personal account, an account of one, which the user owns (G14).
    Personal {
        /// The new account's id.
        account: AccountId,
        /// The account above it.
        parent: AccountId,
        /// The new account's name.
        name: String,
    },
}

/// The first mail to a new user (A51, A52).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Welcome {
    /// None.
    Nothing,
    /// With a link to set a password.
    Link,
    /// With the link, and a password drawn when the mail is rendered. Not together with a password in the command.
    Password,
}

/// What a new user is made of (A45, T29, V18). Whatever password it has then is to be changed at the first sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Its id, unless somebody was invited under this email and never came: then it is that user, under its old id.
    pub id: UserId,
    /// Without `@`, unique.
    pub username: Option<String>,
    /// Unique.
    pub email: String,
    /// Names and contact.
    pub person: Person,
    /// A first password.
    pub password: Option<PasswordHash>,
    /// Where it stands.
    pub place: Place,
    /// The first mail.
    pub welcome: Welcome,
}

/// Changes to a user: what is not named stays (V23).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    /// Always refused when it is another one (V19): the person itself asks for [`People::RequestEmail`].
    pub email: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Company.
    pub company: Option<String>,
}

/// What somebody who was invited and has no password yet brings along (G27).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Without `@`, unique; the email does as well.
    pub username: Option<String>,
    /// Names and contact.
    pub person: Person,
    /// The password it chose.
    pub password: PasswordHash,
}

/// A secret drawn by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSecret {
    /// Its id.
    pub id: SecretId,
    /// SHA-256 of it.
    pub hash: [u8; 32],
    /// Where its holder is: an address, or empty.
    pub from: String,
}

/// What entitles somebody to set a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// A link out of a mail; it works once. Every session ends.
    Link {
        /// SHA-256 of the link's secret.
        hash: [u8; 32],
    },
    /// The person is signed in and typed the old password. Every other session ends, and this one's secret is exchanged.
    Own {
        /// The hash that the old password was found to fit.
        verified: PasswordHash,
        /// SHA-256 of the session's secret so far.
        session: [u8; 32],
        /// SHA-256 of the session's new secret.
        next: [u8; 32],
    },
}

/// What entitles somebody to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// The password, for a user without a second factor.
    Password {
        /// The hash that the password was found to fit: one that was changed meanwhile opens nothing.
        verified: PasswordHash,
    },
    /// A half-finished sign-in and a code.
    SecondFactor {
        /// SHA-256 of the half-finished sign-in's secret.
        half: [u8; 32],
        /// The code.
        factor: Factor,
    },
}

/// A code that was found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Factor {
    /// Of an authenticator, for this time step (RFC 6238); refused when a code of it or a later one was taken before.
    Totp {
        /// Seconds since 1970 divided by 30.
        step: u64,
    },
    /// A recovery code, by its SHA-256; used up with this.
    Recovery {
        /// The hash.
        hash: [u8; 32],
    },
}

/// A command about people.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "fields are named after what the rule's own documentation says")]
pub enum People {
    /// [`crate::rule::user`]: an administrator creates a user.
    CreateUser(NewUser),
    /// [`crate::rule::user`]: an account with its first administrator, in one (T29). The user's place is that account.
    CreateAccountWithUser { account: NewAccount, user: NewUser },
    /// [`crate::rule::user`]: names and contact, by the person or an administrator.
    UpdateUser { user: UserId, change: UserChange },
    /// [`crate::rule::user`]: locks or unlocks; locking ends its sessions.
    SetUserState { user: UserId, state: UserState },
    /// [`crate::rule::invitation`]: asks an address to join. `user` is the id of a user to make if the address is new.
    InviteUser { account: AccountId, email: String, role: Role, user: UserId },
    /// [`crate::rule::invitation`]: joins by link. `claim` for whoever has no password yet; everybody else is signed in.
    ConfirmInvitation { link: [u8; 32], claim: Option<Claim> },
    /// [`crate::rule::member`].
    SetRole { account: AccountId, user: UserId, role: Role },
    /// [`crate::rule::member`].
    DisableMember { account: AccountId, user: UserId },
    /// [`crate::rule::member`].
    EnableMember { account: AccountId, user: UserId },
    /// [`crate::rule::member`]: all of them or none (V25).
    RemoveMembers { account: AccountId, users: Vec<UserId> },
    /// [`crate::rule::ownership`]: `replace` takes it from whoever has it (G33).
    NameCoAdmin { account: AccountId, user: UserId, replace: bool },
    /// [`crate::rule::ownership`]: to another participant (G35).
    HandOver { account: AccountId, user: UserId },
    /// [`crate::rule::organisation`]: by a person who is signed in and has a permission key (G15-G17).
    CreateOrganisation { id: AccountId, name: String, code: String },
    /// [`crate::rule::password`]: mails a link to set a new one (V24).
    RequestReset { user: UserId },
    /// [`crate::rule::password`].
    SetPassword { authority: Authority, password: PasswordHash },
    /// [`crate::rule::outbox`]: the link of a mail that is being rendered, and the password drawn for it if it has one.
    IssueLink { mail: MailId, id: SecretId, hash: [u8; 32], password: Option<PasswordHash> },
    /// [`crate::rule::outbox`]: a mail server took it.
    MailSent { mail: MailId },
    /// [`crate::rule::outbox`]: a try failed; without a next one it is given up.
    MailFailed { mail: MailId, error: String, next_try: Option<Time> },
    /// [`crate::rule::email`]: the person wants another address (G19).
    RequestEmail { to: String },
    /// [`crate::rule::email`]: by the link mailed there.
    ConfirmEmail { link: [u8; 32] },
    /// [`crate::rule::totp`]: not asked for before it is confirmed.
    StartTotp { secret: TotpSecret },
    /// [`crate::rule::totp`]: a code for `step` was right. `recovery` are hashes of the codes given out with this.
    ConfirmTotp { step: u64, recovery: Vec<[u8; 32]> },
    /// [`crate::rule::totp`]: by the person, or an administrator for one who lost the authenticator.
    DropTotp { user: UserId },
    /// [`crate::rule::session`]: the password was right and the user has a second factor.
    BeginSecondFactor { user: UserId, secret: NewSecret, verified: PasswordHash },
    /// [`crate::rule::session`].
    OpenSession { user: UserId, secret: NewSecret, basis: Basis },
    /// [`crate::rule::session`]: it was used, from there. Writes no Event, and nothing at all most of the time.
    TouchSession { session: [u8; 32], from: String },
    /// [`crate::rule::session`]: one's own.
    CloseSession { session: SecretId },
    /// [`crate::rule::session`]: all of one's own but one.
    CloseSessions { keep: Option<SecretId> },
}
