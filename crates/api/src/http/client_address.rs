//! The address of the client, also behind proxies.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName, X_FORWARDED_FOR};
use bookshelf_application::Principal;
use ipnet::IpNet;

use super::Context;

/// The networks of the proxies whose headers `X-Forwarded-For` and `Forwarded` are trusted.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

/// The address of the client; see [`TrustedProxies::client_address`].
pub(crate) fn client_address(request: &HttpRequest) -> Option<IpAddr> {
    Context::find(request)?.trusted_proxies.client_address(request)
}

/// The name under which rate limits and idempotency keys count a client without credentials.
pub(crate) fn client_for_rate_limits(request: &HttpRequest) -> Principal {
    Principal::for_rate_limits(client_address(request))
}

/// The name under which the shares in what runs at once count a client without credentials.
pub(crate) fn client_for_shares(request: &HttpRequest) -> Principal {
    Principal::for_shares(client_address(request))
}

impl TrustedProxies {
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// The address of the client: that of the peer, or the one that trusted proxies report.
    ///
    /// `X-Forwarded-For` and `Forwarded` (RFC 7239) are read from the right, because each proxy
    /// appends the address of its own peer. The first address that does not belong to a trusted
    /// proxy is the client. The addresses to the left of it are ignored, because the client can
    /// invent them.
    ///
    /// The client is the peer if a header cannot be read, or if the two headers disagree.
    /// Disagreement is suspicious, because a proxy that writes one header may pass on the other
    /// from the client.
    ///
    /// Returns `None` on a socket without addresses.
    pub(crate) fn client_address(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip().to_canonical();
        if !self.trusts(peer) {
            return Some(peer);
        }
        let headers = request.headers();
        let reported = match (
            self.reported(headers, &X_FORWARDED_FOR, x_forwarded_for),
            self.reported(headers, &FORWARDED, forwarded),
        ) {
            (Reported::Address(one), Reported::Address(other)) => (one == other).then_some(one),
            (Reported::Address(one), Reported::Nothing)
            | (Reported::Nothing, Reported::Address(one)) => Some(one),
            _ => None,
        };
        Some(reported.unwrap_or(peer))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    fn reported(&self, headers: &HeaderMap, name: &HeaderName, read: Reader) -> Reported {
        let lines: Vec<_> = headers.get_all(name).collect();
        let mut last = Reported::Nothing;
        for line in lines.into_iter().rev() {
            let Some(hops) = line.to_str().ok().and_then(read) else { return Reported::Unreadable };
            for hop in hops.into_iter().rev() {
                let Some(address) = hop else { return Reported::Unreadable };
                last = Reported::Address(address);
                if !self.trusts(address) {
                    return last;
                }
            }
        }
        last
    }
}

/// What a header says about the address of the client.
enum Reported {
    Nothing,
    Address(IpAddr),
    Unreadable,
}

/// Reads the hops of a header line. A hop that is not an address is `None`.
type Reader = fn(&str) -> Option<Vec<Option<IpAddr>>>;

fn x_forwarded_for(line: &str) -> Option<Vec<Option<IpAddr>>> {
    Some(line.split(',').map(|hop| node(hop.trim())).collect())
}

/// The `for` of each element of a line of `Forwarded`. The whole line must be valid, because a
/// quotation mark that a client left open must not hide the elements that proxies appended.
fn forwarded(line: &str) -> Option<Vec<Option<IpAddr>>> {
    let mut hops = Vec::new();
    let mut rest = line;
    loop {
        let mut hop = None;
        loop {
            let (name, after) = rest.split_once('=')?;
            let (value, after) = value(after)?;
            if name.trim().eq_ignore_ascii_case("for") && hop.replace(node(&value)).is_some() {
                return None;
            }
            rest = after.trim_start();
            match rest.strip_prefix(';') {
                Some(after) => rest = after,
                None => break,
            }
        }
        hops.push(hop?);
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None => return rest.is_empty().then_some(hops),
        }
    }
}

/// Splits a token or a quoted string from the rest of the text.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',']).unwrap_or(text.len());
        let (token, after) = text.split_at(end);
        let token = token.trim_end();
        let is_token = !token.is_empty() && !token.contains([' ', '\t', '"', '=']);
        return is_token.then(|| (token.to_owned(), after));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

/// The address of a hop, which may have brackets and a port.
fn node(text: &str) -> Option<IpAddr> {
    let address = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            let is_port = port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
            (port.is_empty() || is_port).then(|| address.parse().ok().map(IpAddr::V6))?
        }
        None => text.parse().ok().or_else(|| {
            let (address, port) = text.split_once(':')?;
            port.parse::<u16>().ok()?;
            address.parse().ok().map(IpAddr::V4)
        }),
    };
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    const CLIENT: &str = "203.0.113.9";

    /// The client's address for a server that trusts 10.0.0.0/8 and fd00::/8.
    fn client(peer: &str, headers: &[(&str, &str)]) -> String {
        let networks = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap());
        let peer = std::net::SocketAddr::new(peer.parse().unwrap(), 4711);
        let mut request = TestRequest::default().peer_addr(peer);
        for header in headers {
            request = request.append_header(*header);
        }
        let proxies = TrustedProxies::new(networks.to_vec());
        proxies.client_address(&request.to_http_request()).unwrap().to_string()
    }

    fn by_x(value: &str) -> String {
        client("10.0.0.1", &[("x-forwarded-for", value)])
    }

    fn by_forwarded(value: &str) -> String {
        client("10.0.0.1", &[("forwarded", value)])
    }

    #[test]
    fn only_headers_of_trusted_proxies_are_read() {
        for name in ["x-forwarded-for", "forwarded"] {
            let value = if name == "forwarded" { "for=203.0.113.9" } else { CLIENT };
            assert_eq!(client("192.0.2.1", &[(name, value)]), "192.0.2.1");
            assert_eq!(client("10.0.0.1", &[(name, value)]), CLIENT);
            assert_eq!(client("::ffff:10.0.0.1", &[(name, value)]), CLIENT);
            assert_eq!(client("fd00::1", &[(name, value)]), CLIENT);
        }
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("::ffff:192.0.2.1", &[]), "192.0.2.1");
    }

    #[test]
    fn addresses_are_read_from_the_right_past_trusted_proxies() {
        assert_eq!(by_x("1.1.1.1, 203.0.113.9"), CLIENT);
        assert_eq!(by_x("1.1.1.1, 203.0.113.9, 10.9.9.9, fd00::7"), CLIENT);
        assert_eq!(by_x("10.2.2.2, 10.3.3.3"), "10.2.2.2", "a client inside of the network");
        assert_eq!(by_forwarded("for=1.1.1.1, for=203.0.113.9;proto=https, For=10.9.9.9"), CLIENT);
        let lines = [("x-forwarded-for", "1.1.1.1, 203.0.113.9"), ("x-forwarded-for", "10.9.9.9")];
        assert_eq!(client("10.0.0.1", &lines), CLIENT);
    }

    #[test]
    fn every_form_of_an_address_is_read() {
        for form in ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711"] {
            assert_eq!(by_x(form), "2001:db8::1");
            assert_eq!(by_forwarded(&format!("proto=http;for=\"{form}\" ;by=x")), "2001:db8::1");
        }
        for form in ["203.0.113.9:80", "::ffff:203.0.113.9", "[::ffff:203.0.113.9]:1"] {
            assert_eq!(by_x(form), CLIENT);
        }
        assert_eq!(by_forwarded(r#"for="203\.0.113.9""#), CLIENT);
    }

    #[test]
    fn an_unreadable_header_is_ignored() {
        for bad in ["", "unknown", "203.0.113.9:x", "[203.0.113.9]", "1.1.1.1,, 10.9.9.9", "[::1"] {
            assert_eq!(by_x(bad), "10.0.0.1", "{bad}");
        }
        for bad in [
            "",
            "203.0.113.9",
            "for=unknown",
            "for=_hidden",
            "for=\"203.0.113.9",
            "proto=https",
            "for=203.0.113.9;for=1.1.1.1",
            "for=203.0.113.9,",
            "for=\"203.0.113.9\"x",
            "for=\"a, for=203.0.113.9;by=\"[fd00::1]\"",
        ] {
            assert_eq!(by_forwarded(bad), "10.0.0.1", "{bad}");
        }
    }

    #[test]
    fn two_headers_must_agree() {
        let both =
            |x, forwarded| client("10.0.0.1", &[("x-forwarded-for", x), ("forwarded", forwarded)]);
        assert_eq!(both(CLIENT, "for=203.0.113.9"), CLIENT);
        assert_eq!(both(CLIENT, "for=1.1.1.1"), "10.0.0.1");
        assert_eq!(both(CLIENT, "nonsense"), "10.0.0.1");
    }

    proptest! {
        /// The client sends any header, and the proxy appends the real address.
        #[test]
        fn a_client_cannot_fake_its_address(
            invented in "[ -~]{0,60}",
            other in "[ -~]{0,60}",
            on_own_line in any::<bool>(),
        ) {
            for (name, truth) in [
                ("x-forwarded-for", CLIENT),
                ("forwarded", "for=203.0.113.9;proto=https"),
                ("forwarded", "for=\"203.0.113.9:4711\""),
            ] {
                let joined = format!("{invented}, {truth}");
                let headers = match on_own_line {
                    true => vec![(name, invented.as_str()), (name, truth)],
                    false => vec![(name, joined.as_str())],
                };
                let found = client("10.0.0.1", &headers);
                prop_assert!(found == CLIENT || found == "10.0.0.1", "{found}");
                if name == "x-forwarded-for" || on_own_line {
                    prop_assert_eq!(found, CLIENT);
                }
                let elsewhere = if name == "forwarded" { "x-forwarded-for" } else { "forwarded" };
                let found = client("10.0.0.1", &[(name, truth), (elsewhere, &other)]);
                prop_assert!(found == CLIENT || found == "10.0.0.1", "{found}");
            }
        }
    }
}
