//! Mail to people: what waits in the outbox leaves for the mail server of the settings, or is read by the operator.
//!
//! A command posts a mail and wakes nobody; [`post`] looks every few seconds for the one that is due longest. [`render`] draws
//! its link, has the link's hash stored by a command, and puts the facts into [`words`], a [`letter`] of plain text and HTML;
//! [`message`] gives it headers; [`smtp`] hands it over; a command records that it is sent, or when it is tried again
//! ([`retry`]). A server that dies in between sends it again with another link, and then the first link is dead: a mail may
//! come twice, and is never lost. None of this runs where devices are answered.

mod by_line;
pub mod count;
pub mod letter;
pub mod message;
pub mod notice;
pub mod post;
pub mod render;
pub mod retry;
pub mod seats;
pub mod smtp;
pub mod words;
