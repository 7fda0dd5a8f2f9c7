//! `provost simulate`: every identity provider is at home here, wrong answers are found and named,
//! and answers that are lost after the commit change nothing.

#[cfg(test)]
mod support;

#[cfg(test)]
#[path = "simulate/proxy.rs"]
mod proxy;

#[cfg(test)]
#[path = "simulate/stage.rs"]
mod stage;

#[cfg(test)]
#[path = "simulate/at_home.rs"]
mod at_home;

#[cfg(test)]
#[path = "simulate/wrong_answers.rs"]
mod wrong_answers;

#[cfg(test)]
#[path = "simulate/lost_answers.rs"]
mod lost_answers;
