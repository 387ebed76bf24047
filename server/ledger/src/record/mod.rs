//! What is recorded: one record a file.

pub mod account;
pub mod activation;
pub mod device;
pub mod event;
pub mod file;
pub mod holding;
pub mod id;
pub mod key;
pub mod meta;
pub mod order;
pub mod product;
pub mod quarantine;
pub mod remembered;
pub mod settled;
pub mod token;

pub use account::{Account, AccountKind, AccountStatus};
pub use activation::{Activation, ActivationState, Artefact, Encumbrance, Mode};
pub use device::Device;
pub use event::{Event, Verb};
pub use file::LicenseFile;
pub use holding::{FreeOn, Holding, HoldingRole};
pub use id::{AccountId, HoldingId, KeyId, TokenId};
pub use key::{Key, KeyKind, KeyState};
pub use meta::{EventHead, Installation, LastCommit};
pub use order::Order;
pub use product::{DeviceChange, Maintenance, Product, Returns};
pub use quarantine::{Anchored, Doubt, Quarantine};
pub use remembered::{KeptAnswer, Place, Remembered};
pub use settled::{Settled, Terms};
pub use token::Token;
