use std::path::PathBuf;

use tokio_postgres::config::SslMode;

use super::tls::{Roots, Tls, Verify};
use bookshelf_domain::error_chain;

/// Why the URL of a database is invalid. The text does not repeat the URL, which may contain a
/// password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostgresUrlError {
    #[error("must be postgres://user:password@host:port/database")]
    Scheme,
    #[error("must have one of disable, prefer, require, verify-ca and verify-full as sslmode")]
    SslMode,
    #[error("is not a valid PostgreSQL URL: {0}")]
    Driver(String),
}

/// Reads the URL. The TLS parameters that the driver does not know are removed before it reads the
/// rest.
pub(super) fn parse(url: &str) -> Result<(tokio_postgres::Config, Tls), PostgresUrlError> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(PostgresUrlError::Scheme);
    }
    // A password may contain a question mark. The driver also ends it at the first @.
    let credentials = url.find('@').map_or(0, |at| at + 1);
    let (address, query) = match url[credentials..].find('?') {
        Some(place) => url.split_at(credentials + place),
        None => (url, ""),
    };
    let mut mode = None;
    let mut file = None;
    let mut rest = Vec::new();
    for parameter in query.trim_start_matches('?').split('&').filter(|text| !text.is_empty()) {
        match parameter.split_once('=') {
            Some(("sslmode", value)) => mode = Some(decoded(value)?),
            Some(("sslrootcert", value)) => file = Some(decoded(value)?),
            _ => rest.push(parameter),
        }
    }
    let (mode, verify) = ssl_mode(mode.as_deref().unwrap_or("prefer"))?;
    let roots = match file.as_deref() {
        None | Some("system") => Roots::System,
        Some(path) => Roots::File(PathBuf::from(path)),
    };
    // As in libpq, naming a root certificate means that the chain is verified.
    let verify = match (verify, &roots) {
        (Verify::Nothing, Roots::File(_)) if mode == SslMode::Require => Verify::Chain,
        (verify, _) => verify,
    };
    let mut driver: tokio_postgres::Config = format!("{address}?{}", rest.join("&"))
        .parse()
        .map_err(|error: tokio_postgres::Error| PostgresUrlError::Driver(error_chain(&error)))?;
    if driver.get_hosts().is_empty() && driver.get_hostaddrs().is_empty() {
        return Err(PostgresUrlError::Driver("the host is missing".into()));
    }
    driver.ssl_mode(mode);
    Ok((driver, Tls { verify, roots }))
}

fn ssl_mode(text: &str) -> Result<(SslMode, Verify), PostgresUrlError> {
    Ok(match text {
        "disable" => (SslMode::Disable, Verify::Nothing),
        "prefer" => (SslMode::Prefer, Verify::Nothing),
        "require" => (SslMode::Require, Verify::Nothing),
        "verify-ca" => (SslMode::Require, Verify::Chain),
        "verify-full" => (SslMode::Require, Verify::ChainAndName),
        _ => return Err(PostgresUrlError::SslMode),
    })
}

fn decoded(text: &str) -> Result<String, PostgresUrlError> {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .map(|text| text.into_owned())
        .map_err(|_| PostgresUrlError::Driver("it is not UTF-8".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(query: &str) -> (SslMode, Tls) {
        let (driver, tls) = parse(&format!("postgres://ann:secret?@host:5433/db{query}")).unwrap();
        assert_eq!(driver.get_dbname(), Some("db"));
        assert_eq!(driver.get_password(), Some(&b"secret?"[..]));
        (driver.get_ssl_mode(), tls)
    }

    fn of(verify: Verify, roots: Roots) -> Tls {
        Tls { verify, roots }
    }

    #[test]
    fn every_mode_of_tls_is_known() {
        use Verify::*;
        for (query, mode, verify) in [
            ("", SslMode::Prefer, Nothing),
            ("?sslmode=disable", SslMode::Disable, Nothing),
            ("?sslmode=prefer", SslMode::Prefer, Nothing),
            ("?sslmode=require", SslMode::Require, Nothing),
            ("?sslmode=verify-ca", SslMode::Require, Chain),
            ("?connect_timeout=3&sslmode=verify-full", SslMode::Require, ChainAndName),
            ("?sslrootcert=system&sslmode=verify-full", SslMode::Require, ChainAndName),
        ] {
            assert_eq!(tls(query), (mode, of(verify, Roots::System)), "{query}");
        }
    }

    #[test]
    fn named_roots_are_used() {
        let roots = || Roots::File("/a folder/root.crt".into());
        let file = "sslrootcert=%2Fa%20folder/root.crt";
        assert_eq!(tls(&format!("?sslmode=require&{file}")).1, of(Verify::Chain, roots()));
        assert_eq!(tls(&format!("?{file}&sslmode=prefer")).1, of(Verify::Nothing, roots()));
        let full = tls(&format!("?sslmode=verify-full&{file}")).1;
        assert_eq!(full, of(Verify::ChainAndName, roots()));
    }

    #[test]
    fn a_faulty_url_is_refused_without_repeating_it() {
        for url in [
            "mysql://ann:secret@host/db",
            "postgres://ann:secret@host/db?sslmode=always",
            "postgres://ann:secret@host/db?colour=blue",
            "postgres://ann:secret@host:port/db",
            "postgres:///db",
        ] {
            let error = parse(url).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
