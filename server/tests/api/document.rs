//! The OpenAPI document: complete enough that a client can be made from it.

use super::world::World;
use leasehold_ledger::Command;
use leasehold_ledger::command::license::LicenseCommand;
use leasehold_ledger::command::people::People;
use serde_json::Value;
use std::collections::BTreeSet;

async fn document() -> Value {
    let world = World::new().await;
    let answer = world.get("", "/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    answer.json()
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let of = |(path, item): (&String, &'static str), item_value| (format!("{item} {path}"), item_value);
    let mut found = Vec::new();
    for (path, item) in paths {
        for method in ["get", "post", "put", "patch", "delete"] {
            found.extend(item.get(method).map(|operation| of((path, method), operation)));
        }
    }
    found
}

#[tokio::test]
async fn every_route_has_an_operation_id_words_and_documented_problems() {
    let document = document().await;
    let operations = operations(&document);
    let mut ids = BTreeSet::new();
    for (name, operation) in &operations {
        ids.insert(operation["operationId"].as_str().expect(name));
        assert!(operation["summary"].is_string() || operation["description"].is_string(), "{name}");
        let responses = operation["responses"].as_object().expect("responses");
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name}");
        if name.ends_with("/openapi.json") {
            continue;
        }
        let needed: &[&str] = if name.starts_with("get") {
            &["400", "401", "404", "429", "500"]
        } else {
            &["401", "403", "404", "409", "422", "503"]
        };
        for status in needed {
            let content = &responses.get(*status).unwrap_or_else(|| panic!("{name} {status}"))["content"];
            let schema = &content["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/ProblemDetails", "{name} {status}");
        }
    }
    assert_eq!(ids.len(), operations.len(), "operation ids are unique");
}

#[tokio::test]
async fn every_field_of_every_schema_says_what_it_is() {
    let document = document().await;
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    assert!(schemas.len() > 25);
    for (name, schema) in schemas {
        let parts = schema["allOf"].as_array().map_or_else(|| vec![schema], |parts| parts.iter().collect());
        for (field, value) in parts.iter().filter_map(|part| part["properties"].as_object()).flatten() {
            let choices = value["oneOf"].as_array().map(Vec::as_slice).unwrap_or_default();
            let said = [value].into_iter().chain(choices).any(|part| part["description"].is_string());
            assert!(said, "{name}.{field}: {value}");
        }
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let document = document().await;
    let text = document.to_string();
    let names = text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
    for name in names {
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
    assert!(document["components"]["securitySchemes"]["token"].is_object());
}

/// The route that sends each command; none for what devices, jobs, the first start and the operator at the socket send. A new command does not compile
/// here until somebody has thought about it.
fn route_of(command: &Command) -> Option<&'static str> {
    match command {
        Command::SetUp { .. } | Command::Activate { .. } | Command::Check { .. } | Command::Release { .. } => None,
        Command::AcceptClock { .. } | Command::Restored { .. } | Command::Doubt { .. } | Command::EndQuarantine => None,
        Command::RecordRenewals(_) | Command::Lapse { .. } | Command::JobRan { .. } => Some("run_job"),
        Command::CreateAccount(_) => Some("create_account"),
        Command::UpdateAccount { .. } => Some("update_account"),
        Command::SetAccountStatus { .. } => Some("deactivate_account"),
        Command::CreateProduct(_) => Some("create_product"),
        Command::Mint(_) => Some("create_order"),
        Command::Retire { .. } => Some("retire_units"),
        Command::Convert { .. } => Some("convert_lot"),
        Command::CreatePool { .. } => Some("create_pool"),
        Command::SetPoolQuota { .. } => Some("set_pool_quota"),
        Command::Move { .. } => Some("move_units"),
        Command::CreatePoolKey(_) => Some("create_key"),
        Command::SetKeyQuota { .. } => Some("set_key_quota"),
        Command::StopKey { .. } => Some("stop_key"),
        Command::ResumeKey { .. } => Some("resume_key"),
        Command::DeleteKey { .. } => Some("delete_key"),
        Command::AnswerRequest { .. } => Some("answer_request"),
        Command::TakeReturn { .. } => Some("take_return"),
        Command::CreateToken(_) => Some("create_token"),
        Command::RevokeToken { .. } => Some("revoke_token"),
        Command::Once { .. } | Command::RememberAnswer { .. } | Command::ForgetAnswers => None,
        Command::ChangeSettings { .. } => Some("change_settings"),
        Command::TouchToken { .. } => None, // every call with a token
        Command::People(command) => route_of_people(command),
        Command::DeleteAccount { .. } => None, // of an account that owns nothing: tested where that is made
        Command::SetEnrolmentCode { .. } => Some("set_enrolment_code"),
        Command::Redeem { .. } => Some("redeem_key"),
        Command::GrantSeat(_) => Some("grant_seat"),
        Command::TakeSeat { .. } => Some("take_seat_back"),
        Command::OpenFlex(_) => None, // the owner's alone: tested where seats float
        Command::TransferLine(_) => Some("transfer_line"),
        Command::StopRenewal { .. } => Some("stop_activation"),
        Command::ResumeRenewal { .. } => Some("resume_activation"),
        Command::Rehost { .. } => Some("rehost_activation"),
        Command::MintReserve { .. } => Some("mint_reserve"),
        Command::Register { .. } => None,
        Command::LicenseWaiting { .. } => Some("license_waiting_device"),
        Command::TurnAway { .. } => Some("turn_away_device"),
        Command::RenameDevice { .. } => Some("update_device"),
        Command::ChangeSigning { .. } => None, // by keys this world has no root key for: tested in `inside`
        Command::UpdateProduct { .. } => None, // of a product nobody uses: tested where that is made
        Command::TellNotice { .. } => Some("run_job"),
        Command::License(command) => route_of_license(command),
    }
}

/// The same of the commands about licences.
fn route_of_license(command: &LicenseCommand) -> Option<&'static str> {
    match command {
        LicenseCommand::CreateKey(_) => Some("create_activation_key"),
        LicenseCommand::Make(_) => Some("make_license"),
        LicenseCommand::Upgrade { .. } => Some("upgrade_license"),
        LicenseCommand::Extend { .. } => Some("extend_license"),
        LicenseCommand::Edit { .. } => Some("edit_license"),
        LicenseCommand::Delete { .. } => Some("delete_license"),
    }
}

/// The same of the commands about people; none for what mails and every call with a session send.
fn route_of_people(command: &People) -> Option<&'static str> {
    match command {
        People::IssueLink { .. } | People::MailSent { .. } | People::MailFailed { .. } => None,
        People::TouchSession { .. } => None,
        People::CreateUser(_) => Some("create_user"),
        People::CreateAccountWithUser { .. } => Some("create_account_with_user"),
        People::UpdateUser { .. } => Some("update_user"),
        People::SetUserState { .. } => Some("lock_user"),
        People::InviteUser { .. } => Some("invite_members"),
        People::SetRole { .. } => Some("update_member"),
        People::DisableMember { .. } => Some("disable_member"),
        People::EnableMember { .. } => Some("enable_member"),
        People::RemoveMembers { .. } => Some("remove_members"),
        People::NameCoAdmin { .. } => Some("name_co_admin"),
        People::RequestReset { .. } => Some("reset_password"),
        // Below: what only a person does, or somebody with a link; tested where they are.
        People::ConfirmInvitation { .. } | People::HandOver { .. } | People::CreateOrganisation { .. } => None,
        People::SetPassword { .. } | People::RequestEmail { .. } | People::ConfirmEmail { .. } => None,
        People::StartTotp { .. } | People::ConfirmTotp { .. } | People::DropTotp { .. } => None,
        People::BeginSecondFactor { .. } | People::OpenSession { .. } => None,
        People::CloseSession { .. } | People::CloseSessions { .. } => None,
    }
}

#[tokio::test]
async fn every_command_for_people_has_a_route_that_changes_the_store() {
    let world = World::sharing().await;
    // `route_of` is exhaustive, so its text names every route a command needs.
    let source = include_str!("document.rs");
    let bodies = source.split("\nfn route_of").skip(1).filter_map(|rest| rest.split("\n}").next());
    let routes: BTreeSet<&str> =
        bodies.flat_map(|body| body.split("Some(\"").skip(1)).filter_map(|rest| rest.split('"').next()).collect();
    assert!(routes.len() >= 19, "{routes:?}");
    let example = Command::StopKey { key: world.ids.key };
    assert_eq!(route_of(&example), Some("stop_key"));
    for route in routes {
        let world = world.fork();
        let before = world.store.rows();
        let row = super::roles::find(&world, route);
        if let Some(what) = route.strip_prefix("resume_") {
            world.raw(super::roles::find(&world, &format!("stop_{what}")).request(&world, &world.vendor())).await;
        }
        let answer = world.raw(row.request(&world, &world.vendor())).await;
        assert!(answer.status.is_success(), "{route}: {:?}", answer.bytes);
        assert!(world.store.rows() != before, "{route} changed nothing");
    }
}
