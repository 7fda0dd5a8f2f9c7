//! Rules that hold for every format. What each writes exactly stands in the golden files of the
//! command's tests, where the real tools read it.

use super::*;
use crate::{IpSet, feed::Version, update::Accepted};

const LISTED: &[&str] = &["198.51.100.0/25", "203.0.113.7", "2001:db8:1::/48"];

fn set(networks: &[&str]) -> IpSet {
    networks
        .iter()
        .map(|text| Prefix::parse(text).unwrap())
        .collect()
}

/// So many networks of one family that cannot be merged.
fn many(count: u32) -> IpSet {
    let alone = |number: u32| {
        let address = std::net::Ipv4Addr::from_bits(0x0100_0000 + number * 2);
        Prefix::containing(address.into(), 32)
    };
    (0..count).map(alone).collect()
}

fn request(set: IpSet) -> Request {
    Request::new(vec![Source::listed("corp", "by hand", set)]).unwrap()
}

fn written(recipe: &Recipe, request: &Request) -> String {
    let files = recipe.write(request).unwrap();
    let text = |file: &File| format!("==> {}\n{}", file.name, file.content);
    files.iter().map(text).collect()
}

#[test]
fn equal_requests_are_equal_bytes_and_other_lists_are_not() {
    for recipe in RECIPES {
        let mut reversed = LISTED.to_vec();
        reversed.reverse();
        let one = written(recipe, &request(set(LISTED)));
        assert_eq!(
            one,
            written(recipe, &request(set(&reversed))),
            "{}",
            recipe.name
        );
        assert_ne!(
            one,
            written(recipe, &request(set(&LISTED[1..]))),
            "{}",
            recipe.name
        );
    }
}

#[test]
fn nobody_and_everybody_are_refused() {
    let of = |set| Request::new(vec![Source::listed("corp", "", set)]).map(|_| ());
    assert_eq!(of(IpSet::default()), Err(RecipeError::Nobody));
    assert_eq!(
        Request::new(Vec::new()).map(|_| ()),
        Err(RecipeError::Nobody)
    );
    for everybody in [&["0.0.0.0/0"][..], &["::/0"], &["0.0.0.0/1", "128.0.0.0/1"]] {
        let refused = of(set(everybody));
        assert!(
            matches!(refused, Err(RecipeError::Everybody(_))),
            "{everybody:?}"
        );
    }
}

/// Texts as an attacker who owns a document, its address or the command line would write them.
const HOSTILE: &[&str] = &[
    "x\nflush ruleset\n",
    "x\r\nno access-list all",
    "x\\\nblock all",
    "x\u{2028}y\u{85}z\u{b}w\u{c}v",
    "--> <ipset/> <!--",
    "\"}]}; $(reboot) `reboot`",
    "'@ ; Remove-Item C:\\ #",
    "=HYPERLINK(\"http://evil\"),,\n10.0.0.0/8,4",
    "JSON\nreboot\n",
    "*/ ${jndi:x} %x%",
    "\0\u{1b}[2J",
];

/// Everything but what the note itself becomes is as with a harmless text.
#[test]
fn hostile_texts_are_only_ever_a_remark() {
    for text in HOSTILE {
        let accepted = |text: &str| Accepted {
            set: set(LISTED),
            version: Some(Version::Text(text.to_owned())),
            digest: text.to_owned(),
        };
        let with = |text: &str| {
            let source = Source::accepted(text, text, &accepted(text));
            let request = Request::new(vec![source]).unwrap();
            request.remark(Note::new(text))
        };
        let escaped = Version::Text((*text).to_owned()).to_string();
        let notes = [Note::new(&escaped), Note::new(text)];
        for recipe in RECIPES {
            let calm = written(recipe, &with("calm"));
            let mut hostile = written(recipe, &with(text));
            assert!(
                hostile
                    .bytes()
                    .all(|b| matches!(b, b'\n' | b'\r' | b'\t' | b' '..=b'~')),
                "{} with {text:?}",
                recipe.name
            );
            let mut lines = hostile.lines().count();
            assert_eq!(lines, calm.lines().count(), "{} with {text:?}", recipe.name);
            for note in &notes {
                hostile = hostile.replace(&note.to_string(), "calm");
            }
            lines = hostile
                .lines()
                .zip(calm.lines())
                .filter(|(a, b)| a != b)
                .count();
            assert_eq!(lines, 0, "{} with {text:?}", recipe.name);
        }
    }
}

#[test]
fn a_family_without_networks_is_closed_and_not_left_out() {
    for networks in [&["198.51.100.0/25"][..], &["2001:db8:1::/48"]] {
        for recipe in RECIPES {
            let text = written(recipe, &request(set(networks)));
            assert!(text.contains("198.51.100.0") || text.contains("2001:db8:1::"));
            let other = if networks[0].contains(':') {
                "198.51.100.0"
            } else {
                "2001:db8"
            };
            assert!(!text.contains(other), "{}", recipe.name);
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_with_the_limit() {
    for (format, fits, sentence) in [
        (
            "ufw",
            200,
            "ufw takes at most 200 networks, and there are 201; use nftables",
        ),
        (
            "azure-nsg",
            4_000,
            "takes at most 4000 networks per family, and there are 4001; name",
        ),
        (
            "aws-security-group",
            60,
            "takes at most 60 networks per family, and there are 61; use",
        ),
        (
            "aws-prefix-list",
            1_000,
            "takes at most 1000 networks per family, and there are 1001; use",
        ),
        (
            "aws-waf-ip-set",
            10_000,
            "takes at most 10000 networks per family, and there are 10001;",
        ),
        (
            "kubernetes",
            16_000,
            "takes at most 1000000 bytes, and there are",
        ),
    ] {
        let recipe = find(format).unwrap();
        assert!(recipe.write(&request(many(fits))).is_ok(), "{format}");
        let beyond = if format == "kubernetes" {
            fits * 2
        } else {
            fits + 1
        };
        let error = recipe
            .write(&request(many(beyond)))
            .unwrap_err()
            .to_string();
        assert!(error.contains(sentence), "{error}");
    }
}

#[test]
fn a_prefix_list_that_is_nearly_exchanged_takes_two_steps() {
    let recipe = find("aws-prefix-list").unwrap();
    let changed = request(many(600)).previous(many(1_200).difference(&many(600)));
    let error = recipe.write(&changed).unwrap_err().to_string();
    assert!(error.contains("two steps may do"), "{error}");
}

#[test]
fn the_difference_names_what_changed_and_nothing_else() {
    for recipe in RECIPES.iter().filter(|recipe| recipe.has_difference) {
        let before = set(&["198.51.100.0/25", "192.0.2.1", "2001:db8:1::/48"]);
        let files = recipe
            .write(&request(set(LISTED)).previous(before))
            .unwrap();
        let lists = [NETWORKS_FILE, APPLIED_FILE];
        let commands: String = files
            .iter()
            .filter(|file| !lists.contains(&file.name.as_str()))
            .map(|file| file.content.as_str())
            .collect();
        for (network, is_named) in [
            ("192.0.2.1", true),
            ("203.0.113.7", true),
            ("198.51.100.0", false),
            ("2001:db8:1::", false),
        ] {
            assert_eq!(
                commands.contains(network),
                is_named,
                "{}: {network}",
                recipe.name
            );
        }
        let unchanged = request(set(LISTED)).previous(set(LISTED));
        assert!(recipe.write(&unchanged).is_ok(), "{}", recipe.name);
    }
}

#[test]
fn labels_and_ports_reach_every_name_and_rule() {
    let other = request(set(LISTED))
        .label(&Label::parse("okta").unwrap())
        .port(std::num::NonZeroU16::new(443).unwrap());
    for recipe in RECIPES {
        let text = written(recipe, &other);
        assert!(!text.contains("5501"), "{}", recipe.name);
        assert!(text.contains("443"), "{}", recipe.name);
        assert!(
            text.contains("provost-okta") || text.contains("provost_okta"),
            "{}",
            recipe.name
        );
    }
}

#[test]
fn lists_are_read_back() {
    for format in ["text", "csv", "json"] {
        let files = find(format).unwrap().write(&request(set(LISTED))).unwrap();
        let feed = crate::feed::find(format).unwrap();
        let document = feed.read(files[0].content.as_bytes(), &[]).unwrap();
        let read: IpSet = document.prefixes.into_iter().collect();
        assert_eq!(read, set(LISTED), "{format}");
    }
}
