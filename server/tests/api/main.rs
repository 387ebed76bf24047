//! The API through its router, as actors see it: each test begins with the same small world, in memory.

mod auth;
mod bodies;
mod build;
mod cli;
mod device;
mod document;
mod form;
mod history;
mod idempotency;
mod inactive;
mod lists;
mod offline;
mod paging;
mod people;
mod precedence;
mod precedence_units;
mod refusals;
mod resources;
mod roles;
mod routes;
mod sides;
mod tree;
mod use_of;
mod world;
