//! Crowd REST as the Atlassian applications call it: what its documentation shows, and rules of its own.

mod abuse;
mod compare;
mod compression;
mod documented;
#[expect(
    dead_code,
    reason = "shared with the replay in the tests of the command, which does the rest with it"
)]
mod fixture;
mod model;
mod passwords;
mod rules;
mod xml;
