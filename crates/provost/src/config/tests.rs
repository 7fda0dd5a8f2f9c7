//! Tests of settings: sources, mistakes, and what is printed.

use super::*;

fn resolve(
    overrides: &[(&'static str, &str)],
    environment: &[(&str, &str)],
) -> Result<Config, ConfigErrors> {
    Config::resolve(&Sources {
        file: None,
        environment: environment
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect(),
        overrides: overrides
            .iter()
            .map(|(k, v)| (*k, (*v).to_owned()))
            .collect(),
    })
}

#[test]
fn flags_win_over_environment_over_defaults() {
    let config = resolve(
        &[("log_level", "debug")],
        &[
            ("PROVOST_LOG_LEVEL", "warn"),
            ("PROVOST_DRAIN_SECONDS", "3"),
        ],
    );
    let config = config.unwrap();
    assert_eq!(
        (config.log_level, config.drain_seconds),
        (LogLevel::Debug, 3)
    );
    assert_eq!(config.scim_listen.to_string(), "127.0.0.1:5501");
    assert_eq!(
        config.scim_base("entra"),
        "http://127.0.0.1:5501/scim/entra/v2"
    );
    assert_eq!(config.crowd_url(), "http://127.0.0.1:8095/crowd");
}

#[test]
fn every_error_is_one_sentence_that_says_what_to_do() {
    for (key, value, expect) in [
        (
            "scim_listen",
            "5501",
            "--scim-listen: scim_listen is \"5501\"; it must be an IP address",
        ),
        (
            "scim_listen",
            "0.0.0.0:5501",
            "set trusted_proxies to the addresses of your gateway, or allow_direct_http = true",
        ),
        ("app_listen", "127.0.0.1:5501", "give them different ports"),
        (
            "public_url",
            "scim.example.com",
            "it must be a URL such as https://",
        ),
        (
            "public_url",
            "https://",
            "it must be a URL such as https://",
        ),
        (
            "public_url",
            "https://a/\r\nx",
            "it must be a URL such as https://",
        ),
        ("single_port", "yes", "single_port must be true or false"),
        (
            "trusted_proxies",
            "10.0.0.0/33",
            "no network such as 10.0.0.0/8",
        ),
        ("trusted_proxies", "proxy.local", "no IP address"),
        ("trusted_proxies", "0.0.0.0/0", "which is everybody"),
        ("max_body_bytes", "10", "from 65536 to 67108864"),
        ("max_body_bytes", "-1", "from 65536 to 67108864"),
        ("scim_threads", "0", "from 1 to 1024"),
        ("log_format", "xml", "it must be one of: text, json"),
        ("database", "postgres://db/provost", "it names no user"),
        ("database", "mysql", "postgres://"),
        ("data_dir", "", "data_dir is empty"),
        (
            "scim_lisen",
            "x",
            "scim_lisen is no setting; did you mean scim_listen?",
        ),
        ("colour", "x", "colour is no setting"),
    ] {
        let error = resolve(&[(key, value)], &[]).unwrap_err().to_string();
        assert!(error.contains(expect), "{key}={value}: {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn all_errors_are_reported_at_once() {
    let environment = [
        ("PROVOST_LOG_LEVL", "info"),
        ("PROVOST_APP_LISTEN", "x"),
        ("HOME", "/root"),
    ];
    let errors = resolve(&[("single_port", "maybe")], &environment).unwrap_err();
    let lines: Vec<_> = errors.iter().map(ConfigError::to_string).collect();
    assert_eq!(lines.len(), 3, "{errors}");
    assert_eq!(
        lines[0],
        "PROVOST_LOG_LEVL: is no setting; did you mean PROVOST_LOG_LEVEL?"
    );
}

#[test]
fn the_command_s_own_variables_are_no_settings() {
    resolve(
        &[],
        &[("PROVOST_CONFIG", "x.toml"), ("PROVOST_TEST_POSTGRES", "x")],
    )
    .unwrap();
}

#[test]
fn gateways_or_the_explicit_setting_open_other_addresses() {
    for (key, value) in [
        ("trusted_proxies", "10.1.2.3, fd00::/8"),
        ("allow_direct_http", "true"),
    ] {
        resolve(&[("scim_listen", "0.0.0.0:5501"), (key, value)], &[]).unwrap();
    }
    let config = resolve(
        &[("scim_listen", "[::]:5501"), ("allow_direct_http", "true")],
        &[],
    )
    .unwrap();
    assert_eq!(config.public_url(), "http://[::1]:5501");
}

#[test]
fn printed_configuration_reads_back_as_itself() {
    let path = std::env::temp_dir().join(format!("provost-config-{}.toml", std::process::id()));
    for overrides in [
        vec![],
        vec![
            ("public_url", "https://scim.example.com/"),
            ("trusted_proxies", "10.0.0.0/8"),
            ("single_port", "true"),
        ],
    ] {
        let config = resolve(&overrides, &[]).unwrap();
        std::fs::write(&path, config.to_toml()).unwrap();
        let sources = Sources {
            file: Some(path.clone()),
            ..Sources::default()
        };
        assert_eq!(
            Config::resolve(&sources).unwrap(),
            config,
            "{}",
            config.to_toml()
        );
    }
    std::fs::remove_file(path).unwrap();
}

#[test]
fn file_errors_name_file_and_line() {
    let path = std::env::temp_dir().join(format!("provost-broken-{}.toml", std::process::id()));
    for (text, expect) in [
        ("single_port = true\nlog_level = \n", "line 2 is not TOML"),
        ("scim-listen = \"x\"\n", "did you mean scim_listen?"),
        (
            "[log]\nlevel = \"info\"\n",
            "log must be text, a whole number",
        ),
        ("single_port = 1\n", "single_port must be true or false"),
    ] {
        std::fs::write(&path, text).unwrap();
        let sources = Sources {
            file: Some(path.clone()),
            ..Sources::default()
        };
        let error = Config::resolve(&sources).unwrap_err().to_string();
        assert!(
            error.contains(expect) && error.contains("provost-broken"),
            "{error}"
        );
    }
    std::fs::remove_file(&path).unwrap();
    let sources = Sources {
        file: Some(path),
        ..Sources::default()
    };
    assert!(
        Config::resolve(&sources)
            .unwrap_err()
            .to_string()
            .contains("cannot be read")
    );
}
