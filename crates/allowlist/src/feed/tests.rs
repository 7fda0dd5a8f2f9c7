//! Every format: what is read, and what is refused.

use super::*;

const AZURE: &str = r#"{"changeNumber":363,"cloud":"Public","values":[
 {"name":"AzureActiveDirectory","id":"AzureActiveDirectory","properties":{"changeNumber":24,"region":"","regionId":0,"platform":"Azure","systemService":"AzureAD",
   "addressPrefixes":["4.149.98.192/27","2603:1006:2000::/48"],"networkFeatures":["API","NSG"]}},
 {"name":"AzureActiveDirectory.ServiceEndpoint","id":"x","properties":{"changeNumber":43,"region":"","regionId":0,"platform":"Azure","systemService":"AzureIdentity",
   "addressPrefixes":["13.87.32.28/32","20.20.32.0/27"],"networkFeatures":null}},
 {"name":"Broken","id":"x","properties":{"addressPrefixes":["20.20.32.1/27"]}}]}"#;
const OKTA: &str = r#"{"us_cell_1":{"ip_ranges":["4.0.0.0/25","4.0.0.128/25"]},"emea_cell_2":{"ip_ranges":["5.0.0.0/24"]}}"#;
const AWS: &str = r#"{"syncToken":"1753388594","createDate":"2025-07-24-20-23-14","prefixes":[
 {"ip_prefix":"3.4.12.4/32","region":"eu-west-1","service":"AMAZON","network_border_group":"eu-west-1"},
 {"ip_prefix":"3.5.0.0/16","region":"eu-west-1","service":"EC2","network_border_group":"eu-west-1"}],
 "ipv6_prefixes":[{"ipv6_prefix":"2600:1f69:7400::/40","region":"mx-central-1","service":"AMAZON","network_border_group":"mx-central-1"}]}"#;
const GOOGLE: &str = r#"{"syncToken":"1753409788780","creationTime":"2025-07-24T19:16:28.780563","prefixes":[
 {"ipv4Prefix":"34.1.208.0/20","service":"Google Cloud","scope":"africa-south1"},{"ipv6Prefix":"2600:1900:8000::/44","service":"Google Cloud","scope":"europe-west1"}]}"#;
const GOOG: &str = r#"{"syncToken":"1","creationTime":"x","prefixes":[{"ipv4Prefix":"8.8.4.0/24"},{"ipv6Prefix":"2001:4860::/32"}]}"#;
const GITHUB: &str = r#"{"verifiable_password_authentication":false,"ssh_keys":["ssh-ed25519 AAAA"],"hooks":["192.30.252.0/22","2a0a:a440::/29"],"domains":{"website":["*.github.com"]}}"#;
const CLOUDFLARE: &str = r#"{"result":{"ipv4_cidrs":["173.245.48.0/20"],"ipv6_cidrs":["2400:cb00::/32"],"etag":"x"},"success":true,"errors":[]}"#;
const FASTLY: &str = r#"{"addresses":["23.235.32.0/20"],"ipv6_addresses":["2a04:4e40::/32"]}"#;
const ORACLE: &str = r#"{"last_updated_timestamp":"2025-07-21T07:13:25.457838","regions":[{"region":"us-ashburn-1","cidrs":[{"cidr":"129.80.0.0/16","tags":["OCI"]},{"cidr":"134.70.24.0/21","tags":["OSN","OBJECT_STORAGE"]}]}]}"#;
const ZSCALER: &str =
    r#"{"cloudName":"zscaler.net","type":"required","hubPrefixes":["165.225.0.0/17"]}"#;

/// The edition, or `-`, and the networks.
fn read(feed: &str, text: &str, parts: &str) -> String {
    let parts: Vec<_> = parts.split_whitespace().map(str::to_owned).collect();
    match find(feed).unwrap().read(text.as_bytes(), &parts) {
        Ok(document) => {
            let version = document.version.map_or("-".to_owned(), |v| v.to_string());
            let prefixes = document.prefixes.iter().map(Prefix::to_string);
            format!("{version}: {}", prefixes.collect::<Vec<_>>().join(" "))
        }
        Err(error) => format!("refused: {error}"),
    }
}

const READ: &[(&str, &str, &str, &str)] = &[
    (
        "azure",
        AZURE,
        "AzureActiveDirectory",
        "363: 4.149.98.192/27 2603:1006:2000::/48",
    ),
    (
        "azure",
        AZURE,
        "AzureActiveDirectory.ServiceEndpoint",
        "363: 13.87.32.28/32 20.20.32.0/27",
    ),
    ("okta", OKTA, "us_cell_1", "-: 4.0.0.0/25 4.0.0.128/25"),
    (
        "okta",
        OKTA,
        "us_cell_1 emea_cell_2",
        "-: 5.0.0.0/24 4.0.0.0/25 4.0.0.128/25",
    ),
    (
        "aws",
        AWS,
        "AMAZON",
        "1753388594: 3.4.12.4/32 2600:1f69:7400::/40",
    ),
    (
        "aws",
        AWS,
        "eu-west-1",
        "1753388594: 3.4.12.4/32 3.5.0.0/16",
    ),
    ("aws", AWS, "EC2:eu-west-1", "1753388594: 3.5.0.0/16"),
    (
        "google",
        GOOGLE,
        "",
        "1753409788780: 34.1.208.0/20 2600:1900:8000::/44",
    ),
    (
        "google",
        GOOGLE,
        "europe-west1",
        "1753409788780: 2600:1900:8000::/44",
    ),
    ("google", GOOG, "", "1: 8.8.4.0/24 2001:4860::/32"),
    (
        "github",
        GITHUB,
        "hooks",
        "-: 192.30.252.0/22 2a0a:a440::/29",
    ),
    (
        "cloudflare",
        CLOUDFLARE,
        "",
        "-: 173.245.48.0/20 2400:cb00::/32",
    ),
    (
        "cloudflare",
        "173.245.48.0/20\n103.21.244.0/22\n",
        "",
        "-: 173.245.48.0/20 103.21.244.0/22",
    ),
    ("fastly", FASTLY, "", "-: 23.235.32.0/20 2a04:4e40::/32"),
    (
        "oracle",
        ORACLE,
        "OCI",
        "2025-07-21T07:13:25.457838: 129.80.0.0/16",
    ),
    (
        "oracle",
        ORACLE,
        "us-ashburn-1:OSN",
        "2025-07-21T07:13:25.457838: 134.70.24.0/21",
    ),
    ("zscaler", ZSCALER, "", "-: 165.225.0.0/17"),
    (
        "text",
        "\u{feff}# ours\r\n4.0.0.0/24  # office\r\n\r\n2603::1\n",
        "",
        "-: 4.0.0.0/24 2603::1/128",
    ),
    (
        "csv",
        "name,CIDR\n\"a, \"\"b\"\"\",4.0.0.0/24\r\nb,5.0.0.0/24\n",
        "",
        "-: 4.0.0.0/24 5.0.0.0/24",
    ),
    ("json", r#"["4.0.0.0/24"]"#, "", "-: 4.0.0.0/24"),
    (
        "json",
        r#"{"version":3,"prefixes":["4.0.0.0/24"]}"#,
        "",
        "3: 4.0.0.0/24",
    ),
];

#[test]
fn documents_are_read() {
    for (feed, text, parts, expect) in READ {
        assert_eq!(read(feed, text, parts), *expect, "{feed} {parts}");
    }
}

const REFUSED: &[(&str, &str, &str, &str)] = &[
    ("azure", AZURE, "", "name a service tag"),
    (
        "azure",
        AZURE,
        "AzureActiveDirector",
        "has no part \"AzureActiveDirector\"",
    ),
    (
        "azure",
        AZURE,
        "AzureActiveDirector",
        "for example AzureActiveDirectory, AzureActiveDirectory.ServiceEndpoint",
    ),
    (
        "azure",
        AZURE,
        "AzureActiveDirectory Gone",
        "has no part \"Gone\"",
    ),
    ("azure", AZURE, "azureactivedirectory", "has no part"),
    (
        "azure",
        AZURE,
        "Broken",
        "bits beyond its length; the network is 20.20.32.0/27",
    ),
    ("azure", OKTA, "us_cell_1", "missing field `changeNumber`"),
    (
        "azure",
        "<html>",
        "AzureActiveDirectory",
        "download it again",
    ),
    ("azure", "", "AzureActiveDirectory", "download it again"),
    (
        "okta",
        r#"{"a":{"ip_ranges":["4.0.0.0/24"]},"a":{"ip_ranges":["0.0.0.0/0"]}}"#,
        "a",
        "the key \"a\" stands twice",
    ),
    ("okta", r#"{"a":{"ip_ranges":[]}}"#, "a", "lists no network"),
    (
        "okta",
        r#"{"a":{"ip_ranges":["4.0.0.0/24; rm -rf /"]}}"#,
        "a",
        "characters that no network has",
    ),
    (
        "okta",
        r#"{"a":{"ip_ranges":["4.0.0.0/24\n}"]}}"#,
        "a",
        "characters that no network has",
    ),
    ("okta", r#"{"a":{"ip_ranges":[7]}}"#, "a", "invalid type"),
    (
        "github",
        GITHUB,
        "ssh_keys",
        "characters that no network has",
    ),
    ("github", GITHUB, "domains", "has no part"),
    ("cloudflare", CLOUDFLARE, "x", "no parts to choose from"),
    (
        "cloudflare",
        r#"{"result":{"ipv4_cidrs":["4.0.0.0/24"],"ipv6_cidrs":[]},"success":false}"#,
        "",
        "no success",
    ),
    ("text", "# nothing\n", "", "lists no network"),
    (
        "text",
        "4.0.0.0/24, 5.0.0.0/24",
        "",
        "characters that no network has",
    ),
    ("csv", "name;cidr\na;4.0.0.0/24", "", "names no column cidr"),
    ("csv", "name,cidr\na", "", "not as many fields"),
    (
        "json",
        r#"{"prefixes":"4.0.0.0/24"}"#,
        "",
        "download it again",
    ),
];

#[test]
fn doubtful_documents_are_refused() {
    for (feed, text, parts, expect) in REFUSED {
        let got = read(feed, text, parts);
        assert!(
            got.starts_with("refused: ") && got.contains(*expect),
            "{feed} {parts}: {got}"
        );
    }
}

#[test]
fn cut_and_deep_documents_are_refused() {
    let cut = &AZURE[..AZURE.len() - 9];
    let deep = "[".repeat(100_000);
    for (feed, text, parts) in [
        ("azure", cut, "AzureActiveDirectory"),
        ("json", deep.as_str(), ""),
    ] {
        let got = read(feed, text, parts);
        assert!(got.contains("download it again"), "{feed}: {got}");
    }
}

#[test]
fn what_is_beyond_the_limits_is_refused_before_it_is_read() {
    let huge = vec![b' '; MAX_BYTES + 1];
    let text = find("text").unwrap();
    assert_eq!(text.read(&huge, &[]), Err(FeedError::TooLarge));
    let many = "4.0.0.0\n".repeat(MAX_PREFIXES + 1);
    assert_eq!(text.read(many.as_bytes(), &[]), Err(FeedError::TooMany));
}

#[test]
fn the_same_bytes_are_read_to_the_same_document() {
    let feed = find("azure").unwrap();
    let parts = ["AzureActiveDirectory".to_owned()];
    let first = feed.read(AZURE.as_bytes(), &parts).unwrap();
    assert_eq!(feed.read(AZURE.as_bytes(), &parts).unwrap(), first);
    assert_eq!(first.digest.len(), 64);
    let other = feed
        .read(AZURE.replace("363", "364").as_bytes(), &parts)
        .unwrap();
    assert_ne!(other.digest, first.digest);
}
