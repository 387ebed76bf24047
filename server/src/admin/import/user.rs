//! A line that describes a user of an account.

use super::Found;
use super::table::Line;
use crate::admin::problem::LineProblem;
use crate::admin::sight::Sight;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::command::people::{NewUser, People, Place, Welcome};
use leasehold_ledger::people::{membership, user_named};
use leasehold_ledger::record::user::Person;
use leasehold_ledger::record::{AccountId, MembershipState, UserId};
use uuid::Uuid;

/// Columns a file may have.
pub const COLUMNS: [&str; 8] = ["email", "username", "first_name", "last_name", "phone", "company", "role", "welcome"];

/// What a line comes to, or everything that is wrong with its cells. A new user gets `id`.
///
/// # Errors
/// One problem a cell.
pub fn read(sight: &Sight<'_>, account: AccountId, line: &Line, id: Uuid) -> Result<Found, Vec<LineProblem>> {
    let email = line.text("email").ok_or_else(|| line.wrong("email", "cell_empty", "email is needed".to_owned()));
    let (email, role, welcome) = match (email, role(line), welcome(line)) {
        (Ok(email), Ok(role), Ok(welcome)) => (email.to_owned(), role, welcome),
        (email, role, welcome) => {
            return Err([email.err(), role.err(), welcome.err()].into_iter().flatten().collect());
        }
    };
    let own = |column: &str| line.text(column).unwrap_or_default().to_owned();
    let person = Person {
        first_name: own("first_name"),
        last_name: own("last_name"),
        phone: own("phone"),
        company: own("company"),
    };
    if let Some(there) = same(sight, account, role, line) {
        return Ok(Found::There(there.0));
    }
    let (id, username) = (UserId(id), line.text("username").map(str::to_owned));
    let place = Place::Member { account, role };
    let new = NewUser { id, username, email, person, password: None, place, welcome };
    Ok(Found::New(Command::People(Box::new(People::CreateUser(new)))))
}

fn role(line: &Line) -> Result<Role, LineProblem> {
    match line.text("role").map(str::to_ascii_lowercase).as_deref() {
        None | Some("viewer") => Ok(Role::Viewer),
        Some("operator") => Ok(Role::Operator),
        Some("admin") => Ok(Role::Admin),
        Some(other) => Err(line.wrong("role", "cell_invalid", format!("{other:?} is none of viewer, operator, admin"))),
    }
}

fn welcome(line: &Line) -> Result<Welcome, LineProblem> {
    match line.text("welcome").map(str::to_ascii_lowercase).as_deref() {
        None | Some("link") => Ok(Welcome::Link),
        Some("password") => Ok(Welcome::Password),
        Some("nothing") => Ok(Welcome::Nothing),
        Some(other) => {
            Err(line.wrong("welcome", "cell_invalid", format!("{other:?} is none of link, password, nothing")))
        }
    }
}

/// The user who is in the account already and is just what the line says; columns the file does not have say nothing.
fn same(sight: &Sight<'_>, account: AccountId, role: Role, line: &Line) -> Option<UserId> {
    let user = user_named(&sight.draft, line.text("email")?).ok()??;
    let member = membership(&sight.draft, account, user.id).ok()??;
    let says = |column: &str, there: &str| line.text(column).is_none_or(|text| text == there);
    let is_same = member.state == MembershipState::Active
        && (line.text("role").is_none() || member.role == role)
        && says("username", user.username.as_deref().unwrap_or_default())
        && says("first_name", &user.person.first_name)
        && says("last_name", &user.person.last_name)
        && says("phone", &user.person.phone)
        && says("company", &user.person.company);
    is_same.then_some(user.id)
}
