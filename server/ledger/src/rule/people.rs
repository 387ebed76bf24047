//! From a command about people to its rule.

use crate::apply::{Context, Outcome};
use crate::command::people::People;
use crate::draft::{Draft, Fault};
use crate::rule::ownership::Replace;
use crate::rule::{email, invitation, member, organisation, outbox, ownership, password, session, totp, user};

/// Decides a command about people.
///
/// # Errors
/// [`Fault`].
pub fn decide(draft: &mut Draft<'_>, context: &Context<'_>, command: &People) -> Result<Outcome, Fault> {
    match command {
        People::CreateUser(new) => user::create(draft, context, new),
        People::CreateAccountWithUser { account, user } => user::create_with_account(draft, context, account, user),
        People::UpdateUser { user, change } => user::update(draft, context, *user, change),
        People::SetUserState { user, state } => user::set_state(draft, context, *user, *state),
        People::InviteUser { account, email, role, user } => {
            invitation::invite(draft, context, *account, email, *role, *user)
        }
        People::ConfirmInvitation { link, claim } => invitation::confirm(draft, context, link, claim.as_ref()),
        People::SetRole { account, user, role } => member::set_role(draft, context, *account, *user, *role),
        People::DisableMember { account, user } => member::disable(draft, context, *account, *user),
        People::EnableMember { account, user } => member::enable(draft, context, *account, *user),
        People::RemoveMembers { account, users } => member::remove(draft, context, *account, users),
        People::NameCoAdmin { account, user, replace } => {
            let replace = if *replace { Replace::Yes } else { Replace::Never };
            ownership::name_co_admin(draft, context, *account, *user, replace)
        }
        People::HandOver { account, user } => ownership::hand_over(draft, context, *account, *user),
        People::CreateOrganisation { id, name, code } => organisation::create(draft, context, *id, name, code),
        People::RequestReset { user } => password::request(draft, context, *user),
        People::SetPassword { authority, password } => password::set(draft, context, authority, password),
        People::IssueLink { mail, id, hash, password } => {
            outbox::issue_link(draft, context, *mail, (*id, *hash), password.as_ref())
        }
        People::MailSent { mail } => outbox::sent(draft, context, *mail),
        People::MailFailed { mail, error, next_try } => outbox::failed(draft, context, *mail, error, *next_try),
        People::RequestEmail { to } => email::request(draft, context, to),
        People::ConfirmEmail { link } => email::confirm(draft, context, link),
        People::StartTotp { secret } => totp::start(draft, context, secret),
        People::ConfirmTotp { step, recovery } => totp::confirm(draft, context, *step, recovery),
        People::DropTotp { user } => totp::drop_it(draft, context, *user),
        People::BeginSecondFactor { user, secret, verified } => session::begin(draft, context, *user, secret, verified),
        People::OpenSession { user, secret, basis } => session::open(draft, context, *user, secret, basis),
        People::TouchSession { session, from } => session::touch(draft, context, session, from),
        People::CloseSession { session } => session::close(draft, context, *session),
        People::CloseSessions { keep } => session::close_all(draft, context, *keep),
    }
}
