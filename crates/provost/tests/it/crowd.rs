//! Crowd REST as the Atlassian applications call it: what its documentation shows, and rules of its own.

mod abuse;
mod compare;
mod compression;
mod documented;
mod fixture;
mod model;
mod passwords;
mod rules;
mod xml;
