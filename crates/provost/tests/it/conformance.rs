//! Rules of the SCIM standards, shown over a real socket.
//!
//! The rules are data: the files beside this one hold stories, each labelled with the ids of
//! `docs/conformance.tsv` that it shows; the generated page lists them. [`story`] says how a story
//! is written.

mod exchange;
mod holds;
mod rules;
mod story;

pub(crate) use story::check;

/// One test per file of stories.
macro_rules! stories {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            check(include_str!(concat!("conformance/", stringify!($name), ".txt")));
        })*

        #[test]
        fn every_file_of_stories_is_run() {
            let run = [$(concat!(stringify!($name), ".txt")),*];
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/conformance");
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

stories! { create cursor custom delete discovery errors filters lists patch projection read replace schema search sort v1 versions }
