use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bookshelf_api::CorsOrigins;
use bookshelf_domain::limits::Quota;

use bookshelf_infrastructure::accounts::JwtSecret;
use secrecy::ExposeSecret;

use super::bounds::Bounds;
use super::setting::{Origin, PREFIX, Values, variable};
use super::sources::{Layer, config_file, dot_env, keys, resolve};
use super::table::TABLE;
use super::{CoverPlace, Database, LogFormat, SettingError, Settings, show, show_example};

fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
}

fn layer(origin: Origin, pairs: &[(&str, &str)]) -> Layer {
    Layer { origin, texts: given(pairs) }
}

fn flags(pairs: &[(&str, &str)]) -> [Layer; 1] {
    [layer(Origin::Flags, pairs)]
}

fn read(layers: &[Layer]) -> Result<Settings, SettingError> {
    Settings::read(&resolve(layers)?, false)
}

fn fault(layers: &[Layer]) -> String {
    read(layers).expect_err("a fault").to_string()
}

fn shown(values: &Values) -> String {
    let mut shown = Vec::new();
    show(values, &mut shown).unwrap();
    String::from_utf8(shown).unwrap()
}

fn written(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn file(text: &str) -> Result<BTreeMap<String, String>, String> {
    let (_folder, path) = written("bookshelf.toml", text);
    config_file(&path).map_err(|error| error.to_string())
}

#[test]
fn defaults_apply_when_nothing_is_given() {
    let settings = read(&[]).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.access_token_ttl, Duration::from_secs(15 * 60));
    assert_eq!(settings.refresh_token_idle, Duration::from_secs(14 * 86_400));
    assert_eq!(settings.refresh_token_ttl, Duration::from_secs(30 * 86_400));
    assert_eq!(settings.bcrypt_cost, 12);
    assert_eq!(settings.log_format, LogFormat::Auto);
    assert!(settings.jwt_secret.is_none());
    assert!(settings.hsts && !settings.require_if_match);
    assert_eq!(settings.metrics_listen, None);
    assert!(settings.workers >= 1);
}

#[test]
fn limits_are_quotas_or_off() {
    let settings = read(&[]).unwrap();
    let shown = |quota: Option<Quota>| quota.map(|quota| quota.to_string());
    assert_eq!(shown(settings.rate_limit_login).as_deref(), Some("5/minute"));
    assert_eq!(shown(settings.rate_limit_write).as_deref(), Some("120/minute"));
    assert_eq!(shown(settings.rate_limit_read).as_deref(), Some("600/minute"));
    let settings = read(&flags(&[("rate_limit_read", "off")])).unwrap();
    assert_eq!(settings.rate_limit_read, None);
    assert_eq!(
        fault(&flags(&[("rate_limit_login", "5 each minute")])),
        "--rate-limit-login must look like 5/minute (or /second, /hour, /day), or be off, not \
         \"5 each minute\""
    );
}

#[test]
fn proxies_are_networks_or_addresses() {
    let read = |text| read(&flags(&[("trusted_proxies", text)]));
    let networks = read("10.0.0.0/8, fd00::/8,192.0.2.1").unwrap().trusted_proxies;
    let networks: Vec<_> = networks.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["10.0.0.0/8", "fd00::/8", "192.0.2.1/32"]);
    assert!(read("").unwrap().trusted_proxies.is_empty());
    assert!(read("10.0.0.0/8,proxy.local").unwrap_err().to_string().contains("\"proxy.local\""));
}

#[test]
fn the_url_of_redis_is_a_secret() {
    let values = resolve(&flags(&[("redis_url", "redis://:hunter2@localhost/1")])).unwrap();
    let url = Settings::read(&values, false).unwrap().redis_url.unwrap();
    assert_eq!(url.expose_secret(), "redis://:hunter2@localhost/1");
    assert!(!format!("{url:?}{}", shown(&values)).contains("hunter2"));
    let fault = fault(&flags(&[("redis_url", "http://:hunter2@localhost")]));
    assert!(fault.contains("redis://HOST") && !fault.contains("hunter2"), "{fault}");
}

#[test]
fn the_password_of_a_database_is_never_shown() {
    for url in [
        "postgres://ann:hunter2@db.example.com/books?sslmode=disable",
        "postgresql://ann@db.example.com/books?connect_timeout=2&password=hunter2",
    ] {
        let shown = shown(&resolve(&flags(&[("database_url", url)])).unwrap());
        assert!(shown.contains("ann") && shown.contains("db.example.com/books?"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let fault = fault(&flags(&[("database_url", "postgres://ann:hunter2@db/books?sslmode=on")]));
    assert!(fault.contains("sslmode") && !fault.contains("hunter2"), "{fault}");
}

#[test]
fn the_first_layer_that_has_a_setting_counts() {
    let origins = [
        (Origin::Flags, "127.0.0.1:1"),
        (Origin::Environment, "127.0.0.1:2"),
        (Origin::DotEnv, "127.0.0.1:3"),
        (Origin::File("c.toml".into()), "127.0.0.1:4"),
    ];
    let mut layers: Vec<_> =
        origins.into_iter().map(|(origin, text)| layer(origin, &[("listen", text)])).collect();
    for port in 1..=4 {
        assert_eq!(read(&layers).unwrap().listen.port(), port);
        layers.remove(0);
    }
}

#[test]
fn the_database_is_in_the_data_directory_unless_it_is_named() {
    let file = |pairs| match read(&flags(pairs)).unwrap().database_url {
        Database::Sqlite(file) => file,
        Database::Postgres(_) => panic!("not SQLite"),
    };
    assert_eq!(file(&[]), Path::new("data/bookshelf.db"));
    assert_eq!(file(&[("data_dir", "/srv/books")]), Path::new("/srv/books/bookshelf.db"));
    let named = [("data_dir", "/srv/books"), ("database_url", "sqlite://b.db")];
    assert_eq!(file(&named), Path::new("b.db"));
}

#[test]
fn covers_are_in_the_data_directory_unless_a_place_is_named() {
    let place = |pairs| read(&flags(pairs)).unwrap().cover_store;
    let moved = place(&[("data_dir", "/srv/books")]);
    assert_eq!(moved, CoverPlace::Folder("/srv/books/covers".into()));
    let named = place(&[("cover_store", "s3://our-covers/of/books/")]);
    assert_eq!(named.to_string(), "s3://our-covers/of/books");
    assert_eq!(place(&[("cover_store", "s3://b")]).to_string(), "s3://b/");
}

#[test]
fn a_fault_names_the_setting_and_its_source() {
    for (origin, beginning) in [
        (Origin::Flags, "--listen must be an address and a port"),
        (Origin::Environment, "BOOKSHELF_LISTEN (environment) must be"),
        (Origin::DotEnv, "BOOKSHELF_LISTEN (.env) must be"),
        (Origin::File("etc/c.toml".into()), "listen (etc/c.toml) must be"),
    ] {
        let line = fault(&[layer(origin, &[("listen", "here")])]);
        assert!(line.starts_with(beginning), "{line}");
    }
}

#[test]
fn an_invalid_value_is_refused_in_one_line() {
    for (key, text) in [
        ("listen", "here"),
        ("metrics_listen", "here"),
        ("workers", "0"),
        ("workers", "many"),
        ("jwt_secret", "too short"),
        ("access_token_ttl", "soon"),
        ("access_token_ttl", "0s"),
        ("refresh_token_ttl", "200years"),
        ("bcrypt_cost", "9"),
        ("bcrypt_cost", "16"),
        ("hsts", "perhaps"),
        ("body_timeout", "0s"),
        ("max_connections", "0"),
        ("json_limit", "0"),
        ("json_depth", "101"),
        ("log", "a=b=c"),
        ("log_format", "xml"),
        ("shutdown_timeout", "-1s"),
        ("data_dir", ""),
        ("database_url", "sqlite://"),
        ("database_url", "sqlite://:memory:"),
        ("database_url", "mysql://ann:hunter2@host/db"),
        ("database_url", "postgres://ann:hunter2@host/db?sslmode=always"),
        ("database_url", "books.db"),
        ("cover_store", ""),
        ("cover_store", "s3://"),
        ("cover_store", "s3:///prefix"),
        ("cover_store", "s3://key:hunter2@bucket"),
        ("cover_store", "gs://hunter2/covers"),
    ] {
        let line = fault(&flags(&[(key, text)]));
        assert!(line.starts_with(&format!("--{}", key.replace('_', "-"))), "{line}");
        assert!(!line.contains('\n') && !line.contains("hunter2"), "{line}");
    }
}

#[test]
fn the_grace_of_refresh_tokens_can_be_turned_off() {
    let settings = read(&flags(&[("refresh_reuse_grace", "0")])).unwrap();
    assert_eq!(settings.refresh_reuse_grace, Duration::ZERO);
}

#[test]
fn a_low_bcrypt_cost_is_for_tests_only() {
    let cost = |text, insecure| {
        let values = resolve(&flags(&[("bcrypt_cost", text)])).unwrap();
        Settings::read(&values, insecure).map(|settings| settings.bcrypt_cost)
    };
    let refused = cost("4", false).unwrap_err().to_string();
    assert!(refused.starts_with("--bcrypt-cost must be a number from 10 to 15"), "{refused}");
    assert_eq!(cost("4", true).unwrap(), 4);
    assert!(cost("3", true).is_err());
}

#[test]
fn a_secret_may_be_given_in_a_file() {
    let secret = "0123456789abcdef0123456789abcdef";
    let (_folder, path) = written("secret", &format!("{secret}\n"));
    let in_file = ("jwt_secret_file", path.to_str().unwrap());
    let settings = read(&[layer(Origin::Environment, &[in_file])]).unwrap();
    assert_eq!(settings.jwt_secret.unwrap(), JwtSecret::new(secret).unwrap());

    let both = fault(&[layer(Origin::Environment, &[in_file, ("jwt_secret", secret)])]);
    assert!(both.contains("BOOKSHELF_JWT_SECRET_FILE") && both.contains("keep one"), "{both}");

    let missing = fault(&flags(&[("database_url_file", "/does/not/exist")]));
    assert!(missing.starts_with("--database-url-file: cannot read /does/not/exist"), "{missing}");
}

#[test]
fn the_credentials_of_s3_may_be_given_in_files() {
    let (_folder, path) = written("secret", "hunter2\n");
    for key in ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"] {
        let variable = key.to_uppercase();
        let in_file = (&*format!("{key}_file"), path.to_str().unwrap());
        let layers = [layer(Origin::Environment, &[in_file])];
        let values = resolve(&layers).unwrap();
        let Settings { aws_access_key_id, aws_secret_access_key, aws_session_token, .. } =
            Settings::read(&values, false).unwrap();
        let given: Vec<_> = [aws_access_key_id, aws_secret_access_key, aws_session_token]
            .into_iter()
            .flatten()
            .map(|secret| secret.expose_secret().to_owned())
            .collect();
        assert_eq!(given, ["hunter2"]);
        let shown = shown(&values);
        assert!(shown.contains(&format!("# {variable}_FILE (environment)\n")), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
        let both = fault(&[layer(Origin::Environment, &[in_file, (key, "hunter2")])]);
        let sentence = format!(
            "{variable} (environment) and {variable}_FILE (environment) are both given: keep one"
        );
        assert_eq!(both, sentence);
    }
}

#[test]
fn the_file_has_names_without_prefix_and_any_simple_type() {
    let found = file("workers = 3\nhsts = false\nlog = \"debug\"\ndatabase_url = \"sqlite://x\"");
    let expected =
        [("workers", "3"), ("hsts", "false"), ("log", "debug"), ("database_url", "sqlite://x")];
    assert_eq!(found, Ok(given(&expected)));
}

#[test]
fn a_file_with_unknown_settings_is_refused() {
    let unknown = file("listne = \"x\"").unwrap_err();
    let sentence = "there is no setting \"listne\"; the nearest one is \"listen\"";
    assert!(unknown.ends_with(sentence), "{unknown}");
    assert!(file("[listen]").unwrap_err().contains("must be text"));
    let broken = file("workers = 1\nlisten = ").unwrap_err();
    assert!(broken.contains("bookshelf.toml, line 2: ") && !broken.contains('\n'), "{broken}");
    assert!(config_file(Path::new("/does/not/exist.toml")).is_err());
}

#[test]
fn other_variables_in_dot_env_are_ignored() {
    let (_folder, path) = written(
        ".env",
        "# comment\nBOOKSHELF_LISTEN=127.0.0.1:9\nexport DATABASE_URL='sqlite://e.db'\nOTHER=1\nBOOKSHELF_LOG=\n",
    );
    let expected = given(&[("listen", "127.0.0.1:9"), ("database_url", "sqlite://e.db")]);
    assert_eq!(dot_env(&path, TABLE).unwrap(), expected);
    assert_eq!(dot_env(Path::new("/does/not/exist/.env"), TABLE).unwrap(), given(&[]));
    let (_folder, path) = written(".env", "BOOKSHELF_JWT_SECRET='hunter2\n");
    let line = dot_env(&path, TABLE).unwrap_err().to_string();
    assert!(!line.contains("hunter2") && !line.contains('\n'), "{line}");
}

#[test]
fn an_unknown_variable_with_our_prefix_in_dot_env_is_refused() {
    let fault = |text: &str| {
        let (_folder, path) = written(".env", text);
        dot_env(&path, TABLE).unwrap_err().to_string()
    };
    for (name, nearest) in [
        ("BOOKSHELF_LISTNE", "BOOKSHELF_LISTEN"),
        ("BOOKSHELF_DATABASE_URL", "DATABASE_URL"),
        ("BOOKSHELF_JWT_SECRET_FLIE", "BOOKSHELF_JWT_SECRET_FILE"),
        ("BOOKSHELF_RATE_LIMITS_READ", "BOOKSHELF_RATE_LIMIT_READ"),
    ] {
        let line = fault(&format!("OTHER=1\n{name}=hunter2\n"));
        assert!(line.starts_with(name) && line.contains(".env"), "{line}");
        assert!(line.contains(&format!("the nearest one is {nearest};")), "{line}");
        assert!(!line.contains("hunter2") && !line.contains('\n'), "{line}");
    }
    assert!(fault("BOOKSHELF_X=\n").starts_with("BOOKSHELF_X"), "an empty one too");
}

/// What the repository itself sets or names must be known, or else its examples would not start.
#[test]
fn the_variables_in_the_repository_are_settings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut places: Vec<_> =
        ["README.md", "Makefile", "Dockerfile", "docker-compose.yml"].map(Into::into).into();
    places.extend(["deploy", "docs", "scripts", ".ci"].map(PathBuf::from));
    let mut seen = 0;
    while let Some(place) = places.pop() {
        let path = root.join(&place);
        if path.is_dir() {
            places.extend(
                path.read_dir().unwrap().map(|entry| place.join(entry.unwrap().file_name())),
            );
            continue;
        }
        // Images and the like are not text.
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for (start, _) in text.match_indices(PREFIX) {
            let is_name = |c: char| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit();
            let rest = &text[start..];
            let name = &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())];
            // "BOOKSHELF_…" and "BOOKSHELF_RATE_LIMIT_*" stand for several.
            let known = keys(TABLE)
                .map(|key| variable(&key))
                .any(|known| known == name || (name.ends_with('_') && known.starts_with(name)));
            assert!(known, "{} names {name}", place.display());
            seen += 1;
        }
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn the_settings_are_shown_as_a_settings_file_without_secrets() {
    let secret = "0123456789abcdef://0123456789abcdef";
    let layers = flags(&[("jwt_secret", secret), ("data_dir", "a \"quoted\" folder")]);
    let shown = shown(&resolve(&layers).unwrap());
    assert!(!shown.contains(secret), "{shown}");
    assert!(shown.contains("# --jwt-secret\n"), "{shown}");
    assert!(shown.contains("# listen (default)\n"), "{shown}");
    let read_back = file(&shown).unwrap();
    assert_eq!(read_back["data_dir"], "a \"quoted\" folder");
    assert_eq!(read_back["workers"], "cores");
}

#[test]
fn the_example_of_a_settings_file_names_every_setting_and_its_default() {
    let mut example = Vec::new();
    show_example(&mut example).unwrap();
    let example = String::from_utf8(example).unwrap();
    assert!(file(&example).unwrap().is_empty(), "everything is a comment");
    let uncommented: String = example
        .lines()
        .filter_map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')))
        .flat_map(|line| [line, "\n"])
        .collect();
    let settings = file(&uncommented).unwrap();
    assert_eq!(settings.len(), TABLE.len());
    assert_eq!(settings["database_url"], "sqlite://data/bookshelf.db");
    assert_eq!(settings["drain_delay"], "0s");
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/bookshelf.toml");
    let committed = std::fs::read_to_string(committed).unwrap();
    assert_eq!(example, committed, "write it again: bookshelf config --example");
}

#[test]
fn origins_are_written_as_browsers_send_them() {
    let origins = |text| read(&flags(&[("cors_origins", text)])).unwrap().cors_origins;
    let only = |origins: &[&str]| CorsOrigins::Only(origins.iter().map(|o| (*o).into()).collect());
    assert_eq!(origins(""), CorsOrigins::None);
    assert_eq!(origins(" * "), CorsOrigins::Any);
    let two = "https://app.example.com, http://127.0.0.1:3000";
    assert_eq!(origins(two), only(&["https://app.example.com", "http://127.0.0.1:3000"]));
    for wrong in [
        "app.example.com",
        "https://",
        "https://app.example.com/",
        "https://App.example.com",
        "https://*.example.com",
        "https://app.example.com:443",
        "https://a.example,*",
        "https://a@b.example",
        "null",
    ] {
        let line = fault(&flags(&[("cors_origins", wrong)]));
        assert!(line.starts_with("--cors-origins must be * or origins"), "{line}");
    }
}

/// Texts that are just outside of the bounds, and some that no number has.
fn outside(bounds: Bounds) -> Vec<String> {
    let mut texts: Vec<_> = ["", "-1", "1.5", "one", "18446744073709551616", "0x10", "1 2", "∞"]
        .map(str::to_owned)
        .to_vec();
    match bounds {
        Bounds::Numbers(least, most) => {
            texts.extend([least - 1, most + 1].map(|number| number.to_string()));
        }
        Bounds::Times(least, most) => {
            texts.push(format!("{}s", most.as_secs() + 1));
            texts.extend(
                least
                    .checked_sub(Duration::from_nanos(1))
                    .map(|time| format!("{}ns", time.as_nanos())),
            );
        }
        Bounds::Quotas(least, most) => {
            texts
                .extend([u64::from(least) - 1, u64::from(most) + 1].map(|n| format!("{n}/minute")));
        }
    }
    texts
}

#[test]
fn every_number_is_accepted_at_its_bounds_and_refused_beyond() {
    let mut bounded = 0;
    for setting in TABLE {
        let Some(bounds) = setting.bounds else { continue };
        bounded += 1;
        for text in [&bounds.ends()[..], &[setting.default.to_owned()]].concat() {
            let accepted = read(&flags(&[(setting.key, &text)]));
            assert!(accepted.is_ok(), "{} {text}: {accepted:?}", setting.key);
        }
        for text in outside(bounds) {
            let line = fault(&flags(&[(setting.key, &text)]));
            assert!(
                line.starts_with(&format!("--{} must ", setting.key.replace('_', "-"))),
                "{line}"
            );
            assert!(!line.contains('\n'), "{line}");
        }
    }
    assert!(bounded > 20, "numbers, durations and limits of requests");
}

#[test]
fn every_number_of_the_table_names_its_bounds() {
    for setting in TABLE.iter().filter(|setting| setting.bounds.is_none()) {
        let default = setting.default;
        let begins_with_digit = default.starts_with(|first: char| first.is_ascii_digit());
        let is_address = default.contains(':');
        assert!(!begins_with_digit || is_address, "{} needs bounds", setting.key);
    }
}
