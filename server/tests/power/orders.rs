//! What people and jobs send: purchases, pools, keys, quotas, tokens.

use super::script::{CUSTOMER, SKU, Script};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::key::NewKey;
use leasehold_ledger::rule::lot::{Line, Purchase};
use leasehold_protocol::Units;
use leasehold_protocol::lease::AtExpiry;
use uuid::Uuid;

pub fn units(obm: u32, acb: u32) -> Units {
    let of = |kind, count| Units::of(kind, count).expect("a good kind");
    of("OBM", obm).checked_add(&of("ACB", acb)).expect("small")
}

pub fn product() -> Product {
    Product {
        features: vec!["backup".into()],
        offline: true,
        at_expiry: AtExpiry::Stop,
        ..Product::plain(SKU, "Backup", "OEM", &["OBM", "ACB"])
    }
}

impl Script {
    /// What people and jobs do.
    pub fn order(&mut self) -> Command {
        let some = u32::try_from(self.random.below(20)).expect("small");
        let kind = if self.codes.len() < 2 { 0 } else { self.random.below(13) };
        let (key, pool) = (self.any(&self.keys.clone()), self.any(&self.pools.clone()));
        let lot = self.any(&self.lots.clone());
        match (kind, key, pool, lot) {
            (1, _, _, Some(lot)) => Command::Convert { lot, stock: HoldingId(self.draw()), force: true },
            (2, _, _, _) => {
                let id = HoldingId(self.draw());
                let name = format!("Pool {id}");
                Command::CreatePool { id, account: CUSTOMER, name, sku: SKU.into(), free_on: FreeOn::Fetch }
            }
            (3 | 4, _, Some(pool), _) => Command::SetPoolQuota { pool, quota: units(some * 10, some * 10) },
            (5 | 6, _, Some(pool), _) => {
                let (id, allotment, code) = (KeyId(self.draw()), HoldingId(self.draw()), self.code());
                let name = format!("Key {id}");
                Command::CreatePoolKey(NewKey { id, allotment, pool, code, name, quota: units(some, some) })
            }
            (7 | 8, Some(key), _, _) => Command::SetKeyQuota { key, quota: units(some, 1) },
            (9, Some(key), _, _) if some < 2 => Command::DeleteKey { key },
            (9, Some(key), _, _) if some < 6 => Command::StopKey { key },
            (9, Some(key), _, _) => Command::ResumeKey { key },
            (10, ..) => Command::JobRan { name: "lapse".into(), at: self.now },
            (11, ..) if some > 10 && !self.tokens.is_empty() => {
                Command::RevokeToken { token: self.tokens.swap_remove(self.random.below(self.tokens.len())) }
            }
            (11, ..) => Command::CreateToken(self.token()),
            _ => Command::Mint(self.purchase()),
        }
    }

    fn purchase(&mut self) -> Purchase {
        let line = Line {
            lot: HoldingId(self.draw()),
            key: KeyId(self.draw()),
            code: self.code(),
            sku: SKU.into(),
            units: units(60, 60),
            expires: None,
            upgrade_until: None,
            kind: KeyKind::ActivationId,
            free_on: FreeOn::Fetch,
        };
        let entitlement = format!("E-{}", self.random.draw());
        Purchase { account: CUSTOMER, entitlement, reference: None, lines: vec![line] }
    }

    fn token(&mut self) -> Token {
        let mut hash = [0; 32];
        hash[..16].copy_from_slice(&self.random.bytes16());
        Token {
            id: TokenId(self.draw()),
            hash,
            name: "robot".into(),
            account: CUSTOMER,
            role: Role::Viewer,
            created: self.now,
            expires: None,
            scopes: None,
            last_used: None,
        }
    }

    fn draw(&mut self) -> Uuid {
        Uuid::from_bytes(self.random.bytes16())
    }

    fn code(&mut self) -> String {
        let number = self.random.draw() % 10_000_000_000_000_000;
        let digits = format!("{number:016}");
        [&digits[..4], &digits[4..8], &digits[8..12], &digits[12..]].join("-")
    }

    fn any<T: Copy>(&mut self, items: &[T]) -> Option<T> {
        if items.is_empty() { None } else { Some(*self.random.one(items)) }
    }
}
