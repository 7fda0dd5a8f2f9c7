//! Documents of IP ranges: how long and in how much memory one like Azure's is read, how fast
//! networks merge, and how fast an address is looked up. Everything happens in this process; the
//! document is made up, the same in every run.

use std::{
    fmt::Write as _,
    fs, hint,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use provost_allowlist::{
    IpSet, Prefix,
    feed::{self, Document, Feed},
};

use crate::line;

/// Prefixes and tags of the document, as Azure had them in July 2025.
const PREFIXES: usize = 90_493;
const TAGS: usize = 2_967;
/// Prefixes of its largest tag.
const CLOUD: usize = 12_362;
/// Prefixes that are merged, and that an address is looked up in.
const MERGED: usize = 12_000;
const LOOKED_UP_IN: usize = 30_000;
const LOOK_UPS: u32 = 200_000;
/// How often something is measured; the middle one and the fastest are printed, for other programs
/// on the machine only ever make it slower.
const ROUNDS: usize = 41;

/// Measures and prints; no flags.
pub(crate) fn run(flags: &[&str]) -> Result<()> {
    if let Some(flag) = flags.first() {
        bail!("ranges takes no flags, and so not {flag}");
    }
    line("what                                                    median         best       goal");
    read_document()?;
    merge()?;
    look_up()
}

fn report(what: &str, median: &str, best: &str, goal: &str) {
    line(format_args!(
        "{what:<50} {median:>12} {best:>12} {goal:>10}"
    ));
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}

/// The middle and the fastest of many rounds.
fn measure(mut work: impl FnMut() -> Result<()>) -> Result<(Duration, Duration)> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        work()?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    let median = times.get(ROUNDS / 2).copied();
    let best = times.first().copied();
    median.zip(best).context("nothing was measured")
}

fn read_document() -> Result<()> {
    let document = service_tags(&mut Chance(1));
    let format = feed::FEEDS.first().context("no format of documents")?;
    let part = ["AzureCloud".to_owned()];
    let what = format!(
        "read {PREFIXES} prefixes, {:.1} MB, as the largest provider's",
        megabytes(document.len())
    );
    let read = |format: &Feed| -> Result<Document> { Ok(format.read(document.as_bytes(), &part)?) };
    let before = peak()?;
    ensure!(
        read(format)?.prefixes.len() == CLOUD,
        "the tag is not whole"
    );
    let peak = peak()?;
    let (median, best) = measure(|| read(format).map(|document| drop(hint::black_box(document))))?;
    report(&what, &milliseconds(median), &milliseconds(best), "100 ms");
    let used = format!("{:.1} MB", megabytes(peak));
    report("  peak of the whole process", &used, "", "64 MB");
    let more = format!("{:.1} MB", megabytes(peak.saturating_sub(before)));
    report("  of which reading", &more, "", "");
    Ok(())
}

fn merge() -> Result<()> {
    let mut chance = Chance(2);
    let prefixes: Vec<_> = (0..MERGED).map(|_| chance.prefix()).collect();
    let (median, best) = measure(|| {
        hint::black_box(prefixes.iter().copied().collect::<IpSet>());
        Ok(())
    })?;
    report(
        &format!("merge {MERGED} prefixes"),
        &milliseconds(median),
        &milliseconds(best),
        "20 ms",
    );
    Ok(())
}

fn look_up() -> Result<()> {
    let mut chance = Chance(3);
    let mut set = IpSet::default();
    while set.prefixes().count() < LOOKED_UP_IN {
        let missing = LOOKED_UP_IN - set.prefixes().count();
        let more: IpSet = (0..missing).map(|_| chance.prefix()).collect();
        set = set.union(&more);
    }
    let inside: Vec<_> = set.prefixes().map(Prefix::address).collect();
    let addresses: Vec<_> = (0..65_536)
        .map(
            |number: usize| match inside.get(chance.below(inside.len())) {
                Some(address) if number.is_multiple_of(2) => *address,
                Some(_) | None => chance.address(),
            },
        )
        .collect();
    let mut round = addresses.iter().cycle();
    let (median, best) = measure(|| {
        let asked = round.by_ref().take(LOOK_UPS as usize);
        let found = asked.filter(|address| set.contains(**address)).count();
        ensure!(
            found >= LOOK_UPS as usize / 2,
            "an address of the set was not found"
        );
        Ok(())
    })?;
    let each = |time: Duration| format!("{} ns", (time / LOOK_UPS).as_nanos());
    let what = format!("look up an address in {} networks", set.prefixes().count());
    report(&what, &each(median), &each(best), "100 ns");
    Ok(())
}

/// A document in the shape of Azure's.
fn service_tags(chance: &mut Chance) -> String {
    let mut text =
        String::from("{\n  \"changeNumber\": 363,\n  \"cloud\": \"Public\",\n  \"values\": [");
    let each = (PREFIXES - CLOUD) / (TAGS - 1);
    let mut left = PREFIXES - CLOUD;
    tag(&mut text, "AzureCloud", CLOUD, chance);
    for number in 2..=TAGS {
        let count = if number == TAGS { left } else { each };
        left -= count;
        text.push(',');
        tag(
            &mut text,
            &format!("Service{number}.WestEurope"),
            count,
            chance,
        );
    }
    text.push_str("\n  ]\n}\n");
    text
}

fn tag(text: &mut String, name: &str, count: usize, chance: &mut Chance) {
    // Writing into a string cannot fail.
    let _ = write!(
        text,
        "\n    {{\n      \"name\": \"{name}\",\n      \"id\": \"{name}\",\n      \"properties\": {{\n        \"changeNumber\": 24,\n        \"region\": \"\",\n        \"regionId\": 0,\n        \"platform\": \"Cloud\",\n        \"systemService\": \"Cloud\",\n        \"addressPrefixes\": ["
    );
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(text, "{comma}\n          \"{}\"", chance.prefix());
    }
    text.push_str("\n        ],\n        \"networkFeatures\": [\"API\", \"NSG\"]\n      }\n    }");
}

/// Numbers that look drawn and are the same in every run (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or_default()
    }

    /// Two of three are IPv4, as with Azure.
    fn address(&mut self) -> IpAddr {
        let bits = self.next();
        if bits.is_multiple_of(3) {
            let high = u128::from(0x2603_1000 | (bits >> 44) & 0xffff) << 96;
            return Ipv6Addr::from_bits(high | u128::from(self.next()) << 32).into();
        }
        let bytes = bits.to_be_bytes();
        let [a, b, c, d, ..] = bytes;
        Ipv4Addr::new(13 + a % 40, b, c, d).into()
    }

    fn prefix(&mut self) -> Prefix {
        let address = self.address();
        let wide = if address.is_ipv4() { 24 } else { 44 };
        let spread = u8::try_from(self.next() % 8).unwrap_or_default();
        Prefix::containing(address, wide + spread)
    }
}

/// The most memory that this process had, in bytes.
fn peak() -> Result<usize> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    let kilobytes: usize = kilobytes.context("no VmHWM; this needs Linux")?.parse()?;
    Ok(kilobytes * 1_024)
}

#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
