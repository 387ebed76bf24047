//! Activation keys and what is made under them: licences, supports, subscriptions.

mod facts;
mod facts_changes;
mod facts_lists;
mod precedence;
mod races;
pub mod rows;
pub mod seed;
pub mod shop;
