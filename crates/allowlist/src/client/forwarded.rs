//! The entries of `X-Forwarded-For` and `Forwarded`, as addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address of an entry: alone, in brackets, or with a port (RFC 7239 section 6). Words such as
/// `unknown`, names, zones and other spellings of numbers are no addresses.
pub(super) fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches([' ', '\t']);
    let address = if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        if !port.is_empty() && !is_port(port.strip_prefix(':')?) {
            return None;
        }
        address.parse::<Ipv6Addr>().ok()?.into()
    } else if let Ok(address) = text.parse::<IpAddr>() {
        address
    } else {
        let (address, port) = text.split_once(':')?;
        let address = address.parse::<Ipv4Addr>().ok().filter(|_| is_port(port))?;
        address.into()
    };
    Some(address.to_canonical())
}

fn is_port(text: &str) -> bool {
    (1..=5).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_digit())
        && text.parse::<u16>().is_ok()
}

/// Appends the address of every element of one `Forwarded` line; `None` if the line does not
/// follow the grammar (RFC 7239 section 4), for then nobody knows where an element ends.
pub(super) fn elements(line: &str, entries: &mut Vec<Option<IpAddr>>) -> Option<()> {
    let mut rest = line;
    loop {
        let (element, after) = element(rest)?;
        entries.push(element);
        match after {
            Some(after) => rest = after,
            None => return Some(()),
        }
    }
}

/// The address of the first element, and what follows its comma.
fn element(text: &str) -> Option<(Option<IpAddr>, Option<&str>)> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = trimmed(rest);
        let end = rest.find(|c: char| !is_token(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end)?;
        if name.is_empty() {
            // An empty element or parameter: allowed in lists, and it names nobody.
            rest = after;
        } else {
            let (value, after) = value(after.strip_prefix('=')?)?;
            if name.eq_ignore_ascii_case("for") {
                found.push(value);
            }
            rest = after;
        }
        rest = trimmed(rest);
        let mut next = rest.chars();
        match next.next() {
            Some(';') => rest = next.as_str(),
            Some(',') => return Some((only(&found), Some(next.as_str()))),
            None => return Some((only(&found), None)),
            Some(_) => return None,
        }
    }
}

/// The address if exactly one is given.
fn only(found: &[String]) -> Option<IpAddr> {
    match found {
        [one] => node(one),
        _ => None,
    }
}

/// A token or a quoted string, and what follows.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c: char| !is_token(c)).unwrap_or(text.len());
        let (token, after) = text.split_at_checked(end)?;
        return (!token.is_empty()).then(|| (token.to_owned(), after));
    };
    let mut value = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some((value, chars.as_str())),
            '\\' => value.push(chars.next()?),
            c => value.push(c),
        }
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

/// RFC 9110 section 5.6.2.
fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}
