//! Records of people, for the corpus: the world of the API's tests has none.

use leasehold_ledger::actor::Role;
use leasehold_ledger::record::*;
use leasehold_ledger::row::{self, Record};
use leasehold_protocol::Time;
use uuid::Uuid;

/// Version and body of one row each, behind the number [`crate::targets::row`] has for the record.
pub fn rows() -> Vec<Vec<u8>> {
    let (id, account) = (UserId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
    let totp = Totp { secret: TotpSecret(vec![7; 20]), confirmed: true, recovery: vec![[8; 32]], last_step: 9 };
    let user = User {
        id,
        username: Some("ada".into()),
        email: "ada@example.com".into(),
        person: Person { first_name: "Ada".into(), ..Person::default() },
        password: Some(PasswordHash("$argon2id$v=19$m=1,t=1,p=1$AAAA$AAAA".into())),
        must_change: true,
        totp: Some(totp),
        state: UserState::Active,
        created: Time(1),
        last_seen: Some(Time(2)),
    };
    let (role, standing, state) = (Role::Admin, Standing::Owner, MembershipState::Active);
    let membership = Membership { account, user: id, role, standing, state, since: Time(1) };
    let secret = Secret {
        hash: [5; 32],
        id: SecretId(Uuid::from_u128(3)),
        kind: SecretKind::ChangeEmail { to: "new@example.com".into() },
        user: id,
        account: Some(account),
        created: Time(1),
        expires: Time(2),
        last_used: Time(1),
        from: "192.0.2.1".into(),
    };
    let mail = Mail {
        id: MailId(1),
        kind: MailKind::Invitation,
        user: id,
        to: "ada@example.com".into(),
        account: Some(account),
        temporary_password: false,
        created: Time(1),
        state: MailState::Waiting,
        tries: 3,
        next_try: Time(2),
        last_error: "connection refused".into(),
    };
    vec![of(12, &user), of(13, &membership), of(14, &secret), of(15, &mail)]
}

fn of<R: Record>(kind: u8, record: &R) -> Vec<u8> {
    let row = row::encode(record);
    [&[kind], &row[..row.len() - 4]].concat() // the target puts the checksum on
}
