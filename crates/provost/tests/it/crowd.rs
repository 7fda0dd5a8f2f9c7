//! Crowd REST as the Atlassian applications call it: the recorded traffic, and rules of its own.

mod abuse;
mod compare;
mod compression;
mod documented;
mod fixture;
mod model;
mod passwords;
mod replay;
mod rules;
mod xml;
