//! Crowd REST as the Atlassian applications call it: the recorded traffic, and rules of its own.

mod compare;
mod fixture;
mod replay;
mod rules;
mod xml;
