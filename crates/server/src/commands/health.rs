use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crate::cli::HealthArgs;
use crate::failure::Failure;
use crate::settings::Settings;

/// Asks a running server for its health.
pub(crate) fn run(settings: &Settings, args: &HealthArgs) -> Result<(), Failure> {
    let base = match &args.url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => local_url(settings.listen)?,
    };
    let url = format!("{base}{}", if args.ready { "/health/ready" } else { "/health" });
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(5))).build().into();
    match agent.get(&url).call() {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::because(format_args!("{url} is not healthy"), &error)),
    }
}

/// The URL under which a server that listens on this address is reached from the same machine.
fn local_url(mut address: SocketAddr) -> Result<String, Failure> {
    if address.port() == 0 {
        return Err(Failure::Usage(
            "listen has port 0, which takes any free port: name the server's address with --url"
                .to_owned(),
        ));
    }
    match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    Ok(format!("http://{address}"))
}

#[cfg(test)]
mod tests {
    use super::local_url;

    #[test]
    fn an_unspecified_address_is_reached_through_loopback() {
        let url = |text: &str| local_url(text.parse().unwrap()).map_err(|e| e.to_string());
        assert_eq!(url("127.0.0.1:80").unwrap(), "http://127.0.0.1:80");
        assert_eq!(url("0.0.0.0:8080").unwrap(), "http://127.0.0.1:8080");
        assert_eq!(url("[::]:8080").unwrap(), "http://[::1]:8080");
        assert!(url("127.0.0.1:0").unwrap_err().contains("--url"));
    }
}
