//! Tolerance rules (R) and reported interoperability bugs (B) of identity providers, over a real
//! socket.
//!
//! The files beside this one hold stories as those of the standards do, each labelled with the
//! numbers of `docs/quirks.tsv` that it shows; `docs/quirks.md` lists them.

mod large;

use crate::conformance::check;

/// One test per file of stories.
macro_rules! stories {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            check(include_str!(concat!("idp/", stringify!($name), ".txt")));
        })*

        #[test]
        fn every_file_of_stories_is_run() {
            let run = [$(concat!(stringify!($name), ".txt")),*];
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/idp");
            for entry in std::fs::read_dir(folder).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                assert!(
                    !name.ends_with(".txt") || run.contains(&name.as_str()),
                    "{name} has no test"
                );
            }
        }
    };
}

stories! { filters lifecycle media membership paging paths values variations }
