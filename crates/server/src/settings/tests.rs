use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bookshelf_api::CorsOrigins;
use bookshelf_domain::limits::Quota;

use super::sources::{config_file, dot_env};
use super::{CoverPlace, Database, LogFormat, Settings, Sources, show};

fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
}

fn flags(pairs: &[(&str, &str)]) -> Sources {
    Sources { flags: given(pairs), ..Default::default() }
}

fn fault(sources: &Sources) -> String {
    Settings::read(sources).expect_err("a fault").to_string()
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
fn without_anything_given_the_defaults_hold() {
    let (settings, _) = Settings::read(&Sources::default()).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.database_url, Database::Sqlite("data/bookshelf.db".into()));
    assert_eq!(settings.access_token_ttl, Duration::from_secs(15 * 60));
    assert_eq!(settings.refresh_token_idle, Duration::from_secs(14 * 86_400));
    assert_eq!(settings.refresh_token_ttl, Duration::from_secs(30 * 86_400));
    assert_eq!(settings.bcrypt_cost, 12);
    assert_eq!(settings.log_format, LogFormat::Auto);
    assert!(settings.jwt_secret.is_none());
    assert!(settings.hsts && !settings.require_if_match);
    assert!(settings.workers >= 1);
}

#[test]
fn limits_are_quotas_or_off() {
    let (settings, _) = Settings::read(&Sources::default()).unwrap();
    let shown = |quota: Option<Quota>| quota.map(|quota| quota.to_string());
    assert_eq!(shown(settings.rate_limit_login).as_deref(), Some("5/minute"));
    assert_eq!(shown(settings.rate_limit_write).as_deref(), Some("120/minute"));
    assert_eq!(shown(settings.rate_limit_read).as_deref(), Some("600/minute"));
    let (settings, _) = Settings::read(&flags(&[("rate_limit_read", "off")])).unwrap();
    assert_eq!(settings.rate_limit_read, None);
    assert_eq!(
        fault(&flags(&[("rate_limit_login", "5 each minute")])),
        "--rate-limit-login must look like 5/minute (or /second, /hour, /day), or be off, not \
         \"5 each minute\""
    );
}

#[test]
fn proxies_are_networks_or_addresses() {
    let read = |text| Settings::read(&flags(&[("trusted_proxies", text)]));
    let networks = read("10.0.0.0/8, fd00::/8,192.0.2.1").unwrap().0.trusted_proxies;
    let networks: Vec<_> = networks.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["10.0.0.0/8", "fd00::/8", "192.0.2.1/32"]);
    assert!(read("").unwrap().0.trusted_proxies.is_empty());
    assert!(read("10.0.0.0/8,proxy.local").unwrap_err().to_string().contains("\"proxy.local\""));
}

#[test]
fn the_address_of_redis_is_a_secret() {
    let (settings, values) =
        Settings::read(&flags(&[("redis_url", "redis://:hunter2@localhost/1")])).unwrap();
    assert_eq!(settings.redis_url.unwrap().expose(), "redis://:hunter2@localhost/1");
    let mut shown = Vec::new();
    show(&values, &mut shown).unwrap();
    assert!(!String::from_utf8(shown).unwrap().contains("hunter2"));
    let fault = fault(&flags(&[("redis_url", "http://:hunter2@localhost")]));
    assert!(fault.contains("redis://HOST") && !fault.contains("hunter2"), "{fault}");
}

#[test]
fn the_password_of_a_database_is_shown_nowhere() {
    for url in [
        "postgres://ann:hunter2@db.example.com/books?sslmode=disable",
        "postgresql://ann@db.example.com/books?connect_timeout=2&password=hunter2",
    ] {
        let (_, values) = Settings::read(&flags(&[("database_url", url)])).unwrap();
        let mut shown = Vec::new();
        show(&values, &mut shown).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.contains("ann") && shown.contains("db.example.com/books?"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let fault = fault(&flags(&[("database_url", "postgres://ann:hunter2@db/books?sslmode=on")]));
    assert!(fault.contains("sslmode") && !fault.contains("hunter2"), "{fault}");
}

#[test]
fn a_flag_comes_before_the_environment_before_the_file() {
    let mut sources = Sources {
        file: Some(("c.toml".into(), given(&[("listen", "127.0.0.1:4")]))),
        ..Default::default()
    };
    let listen = |sources: &Sources| Settings::read(sources).unwrap().0.listen.port();
    assert_eq!(listen(&sources), 4);
    sources.dot_env = given(&[("listen", "127.0.0.1:3")]);
    assert_eq!(listen(&sources), 3);
    sources.environment = given(&[("listen", "127.0.0.1:2")]);
    assert_eq!(listen(&sources), 2);
    sources.flags = given(&[("listen", "127.0.0.1:1")]);
    assert_eq!(listen(&sources), 1);
}

#[test]
fn the_database_is_in_the_data_directory_unless_it_is_named() {
    let database = |sources| Settings::read(&sources).unwrap().0.database_url;
    let moved = flags(&[("data_dir", "/srv/books")]);
    assert_eq!(database(moved), Database::Sqlite("/srv/books/bookshelf.db".into()));
    let named = flags(&[("data_dir", "/srv/books"), ("database_url", "sqlite://b.db")]);
    assert_eq!(database(named), Database::Sqlite("b.db".into()));
}

#[test]
fn covers_are_in_the_data_directory_unless_a_place_is_named() {
    let place = |sources| Settings::read(&sources).unwrap().0.cover_store;
    let moved = flags(&[("data_dir", "/srv/books")]);
    assert_eq!(place(moved), CoverPlace::Folder("/srv/books/covers".into()));
    let named = place(flags(&[("cover_store", "s3://our-covers/of/books/")]));
    assert_eq!(named.to_string(), "s3://our-covers/of/books");
    assert_eq!(place(flags(&[("cover_store", "s3://b")])).to_string(), "s3://b/");
}

#[test]
fn a_fault_names_the_setting_and_where_it_came_from() {
    let bad = given(&[("listen", "here")]);
    let of = |sources: Sources| fault(&sources);
    assert!(
        of(Sources { flags: bad.clone(), ..Default::default() })
            .starts_with("--listen must be an address and a port")
    );
    assert!(
        of(Sources { environment: bad.clone(), ..Default::default() })
            .starts_with("BOOKSHELF_LISTEN (environment) must be")
    );
    assert!(
        of(Sources { dot_env: bad.clone(), ..Default::default() })
            .starts_with("BOOKSHELF_LISTEN (.env) must be")
    );
    assert!(
        of(Sources { file: Some(("etc/c.toml".into(), bad)), ..Default::default() })
            .starts_with("listen (etc/c.toml) must be")
    );
}

#[test]
fn what_does_not_parse_is_refused_in_one_line() {
    for (key, text) in [
        ("listen", "here"),
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
fn a_grace_of_nothing_is_no_grace() {
    let (settings, _) = Settings::read(&flags(&[("refresh_reuse_grace", "0")])).unwrap();
    assert_eq!(settings.refresh_reuse_grace, Duration::ZERO);
}

#[test]
fn a_low_bcrypt_cost_is_for_tests_only() {
    let mut sources = flags(&[("bcrypt_cost", "4")]);
    assert!(fault(&sources).starts_with("--bcrypt-cost must be between 10 and 15"));
    sources.insecure_test_settings = true;
    assert_eq!(Settings::read(&sources).unwrap().0.bcrypt_cost, 4);
    sources.flags = given(&[("bcrypt_cost", "3")]);
    fault(&sources);
}

#[test]
fn a_secret_may_be_in_a_file_of_its_own() {
    let secret = "0123456789abcdef0123456789abcdef";
    let (_folder, path) = written("secret", &format!("{secret}\n"));
    let mut sources = Sources {
        environment: given(&[("jwt_secret_file", path.to_str().unwrap())]),
        ..Default::default()
    };
    let (settings, _) = Settings::read(&sources).unwrap();
    assert_eq!(settings.jwt_secret.unwrap().expose(), secret);

    sources.environment.insert("jwt_secret".into(), secret.into());
    let both = fault(&sources);
    assert!(both.contains("BOOKSHELF_JWT_SECRET_FILE") && both.contains("keep one"), "{both}");

    let missing = fault(&flags(&[("database_url_file", "/does/not/exist")]));
    assert!(missing.starts_with("--database-url-file: cannot read /does/not/exist"), "{missing}");
}

#[test]
fn the_file_has_names_without_prefix_and_any_simple_type() {
    let found = file("workers = 3\nhsts = false\nlog = \"debug\"\ndatabase_url = \"sqlite://x\"");
    let expected =
        [("workers", "3"), ("hsts", "false"), ("log", "debug"), ("database_url", "sqlite://x")];
    assert_eq!(found, Ok(given(&expected)));
}

#[test]
fn the_file_is_refused_for_what_is_no_setting() {
    let unknown = file("listne = \"x\"").unwrap_err();
    assert!(unknown.ends_with("there is no setting \"listne\""), "{unknown}");
    assert!(file("[listen]").unwrap_err().contains("must be text"));
    let broken = file("workers = 1\nlisten = ").unwrap_err();
    assert!(broken.contains("bookshelf.toml, line 2: ") && !broken.contains('\n'), "{broken}");
    assert!(config_file(Path::new("/does/not/exist.toml")).is_err());
}

#[test]
fn dot_env_gives_settings_and_leaves_the_rest_alone() {
    let (_folder, path) = written(
        ".env",
        "# comment\nBOOKSHELF_LISTEN=127.0.0.1:9\nexport DATABASE_URL='sqlite://e.db'\nOTHER=1\nBOOKSHELF_LOG=\n",
    );
    let expected = given(&[("listen", "127.0.0.1:9"), ("database_url", "sqlite://e.db")]);
    assert_eq!(dot_env(&path).unwrap(), expected);
    assert_eq!(dot_env(Path::new("/does/not/exist/.env")).unwrap(), given(&[]));
    let (_folder, path) = written(".env", "BOOKSHELF_JWT_SECRET='hunter2\n");
    let line = dot_env(&path).unwrap_err().to_string();
    assert!(!line.contains("hunter2") && !line.contains('\n'), "{line}");
}

#[test]
fn what_is_shown_is_a_settings_file_without_secrets() {
    let secret = "0123456789abcdef://0123456789abcdef";
    let sources = flags(&[("jwt_secret", secret), ("data_dir", "a \"quoted\" folder")]);
    let mut shown = Vec::new();
    show(&Settings::read(&sources).unwrap().1, &mut shown).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    assert!(!shown.contains(secret), "{shown}");
    assert!(shown.contains("# --jwt-secret\n"), "{shown}");
    assert!(shown.contains("# listen (default)\n"), "{shown}");
    let read_back = file(&shown).unwrap();
    assert_eq!(read_back["data_dir"], "a \"quoted\" folder");
    assert_eq!(read_back["workers"], "cores");
}

#[test]
fn origins_are_written_as_browsers_send_them() {
    let origins = |text| Settings::read(&flags(&[("cors_origins", text)])).unwrap().0.cors_origins;
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
