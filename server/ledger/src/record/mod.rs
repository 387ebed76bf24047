//! What is recorded: one record a file.

pub mod account;
pub mod activation;
pub mod device;
pub mod event;
pub mod file;
pub mod holding;
pub mod id;
pub mod key;
pub mod mail;
pub mod membership;
pub mod meta;
pub mod order;
pub mod product;
pub mod quarantine;
pub mod secret;
pub mod settled;
pub mod token;
pub mod user;

pub use account::{Account, AccountKind, AccountStatus, Profile};
pub use activation::{Activation, ActivationState, Artefact, Encumbrance, Mode};
pub use device::Device;
pub use event::{Event, Verb};
pub use file::LicenseFile;
pub use holding::{FreeOn, Holding, HoldingRole};
pub use id::{AccountId, HoldingId, KeyId, SecretId, TokenId, UserId};
pub use key::{Key, KeyKind, KeyState};
pub use mail::{Mail, MailHead, MailId, MailKind, MailState};
pub use membership::{Membership, MembershipState, Standing};
pub use meta::{EventHead, Installation, LastCommit};
pub use order::Order;
pub use product::{DeviceChange, Maintenance, Product, Returns};
pub use quarantine::{Anchored, Doubt, Quarantine};
pub use secret::{Secret, SecretKind};
pub use settled::{Settled, Terms};
pub use token::Token;
pub use user::{PasswordHash, Person, Totp, TotpSecret, User, UserState};
