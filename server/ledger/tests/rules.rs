//! Every rule of the ledger, told as what actors do: vendor, resellers, customers, devices and jobs over a store in memory. After each
//! command the whole store is checked.

mod rules {
    pub mod accounts;
    pub mod addresses;
    pub mod booking;
    pub mod bounds;
    pub mod chain;
    pub mod closing;
    pub mod console;
    pub mod conversion;
    pub mod crowd;
    pub mod damage;
    pub mod damaged_people;
    pub mod dead;
    pub mod events;
    pub mod failing;
    pub mod files;
    pub mod freshness;
    pub mod invitations;
    pub mod jobs;
    pub mod keys;
    pub mod leases;
    pub mod licenses;
    pub mod licenses_model;
    pub mod lines;
    pub mod members;
    pub mod model;
    pub mod moves;
    pub mod once;
    pub mod organisations;
    pub mod ownership;
    pub mod people;
    pub mod pools;
    pub mod precedence;
    pub mod precedence_people;
    pub mod purchases;
    pub mod quarantine;
    pub mod reach;
    pub mod rehost;
    pub mod rollback;
    pub mod rolled;
    pub mod setback;
    pub mod settled;
    pub mod shown;
    pub mod signing_in;
    pub mod staff;
    pub mod tokens;
    pub mod users;
    pub mod waiting;
    pub mod world;

    pub mod floating;
    pub mod redeeming;
    pub mod seats;
    pub mod sharing;
}
