//! What reading a check costs: a thousand times the same message, for a profiler.
//!
//! ```sh
//! cargo build --release -p leasehold-protocol --example decode_cost
//! valgrind --tool=callgrind target/release/examples/decode_cost
//! ```

use leasehold_protocol::check::Check;
use leasehold_protocol::message::{DeviceMessage, Host, Proof, Sender, Unverified};
use leasehold_protocol::{ActivationId, Cti, Nonce, PublicKey, SigningKey, Time, Units};
use std::hint::black_box;

const TIMES: usize = 1000;

fn main() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let check = Check {
        iss: "licences.example.com".into(),
        sub: ActivationId([1; 16]),
        usage: Units::default(),
        keyset_version: 1,
        sender: Sender {
            aud: "BACKUP-OEM".into(),
            iat: Time(1_800_000_000),
            device: PublicKey::of(&key),
            nonce: Nonce([2; 16]),
        },
        host: Host { version: "9.1".into(), ..Host::default() },
        proof: Proof { held: Some(Cti([3; 16])), ..Proof::default() },
    };
    let message = check.sign(&key);
    let good = (0..TIMES).filter(|_| black_box(Unverified::<Check>::parse(black_box(&message))).is_ok()).count();
    println!("{good} checks of {} bytes read", message.len());
}
