//! Every rule of the ledger, told as what actors do: vendor, resellers, customers, devices and jobs over a store in memory. After each
//! command the whole store is checked.

mod rules {
    pub mod accounts;
    pub mod booking;
    pub mod chain;
    pub mod console;
    pub mod conversion;
    pub mod damage;
    pub mod events;
    pub mod failing;
    pub mod files;
    pub mod freshness;
    pub mod jobs;
    pub mod keys;
    pub mod leases;
    pub mod model;
    pub mod moves;
    pub mod once;
    pub mod people;
    pub mod pools;
    pub mod precedence;
    pub mod purchases;
    pub mod quarantine;
    pub mod rollback;
    pub mod rolled;
    pub mod settled;
    pub mod tokens;
    pub mod world;
}
