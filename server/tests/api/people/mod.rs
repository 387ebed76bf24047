//! People: signing in, users, members, tokens. Facts A6-A9, A41-A53, G14-G35, T1, T29-T33, V6-V25.

mod elsewhere;
mod facts_a;
mod facts_g;
mod facts_products;
mod facts_roles;
mod facts_standing;
mod facts_t;
mod facts_v;
pub mod firm;
mod flood;
mod invitations;
mod members;
mod new_users;
mod ownership;
mod passwords;
pub mod races;
mod revoked;
pub mod rows;
mod second_factor;
mod sessions;
mod sign_in;
pub mod stage;
mod strangers;
mod tokens;
mod user_lists;
mod user_search;
mod users;
