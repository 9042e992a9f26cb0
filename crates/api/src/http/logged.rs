//! What the log says about the client of a request.

use std::cell::Cell;
use std::fmt;
use std::net::IpAddr;
use std::rc::Rc;

use actix_web::{HttpMessage, HttpRequest};
use bookshelf_application::Principal;
use ipnet::{Ipv4Net, Ipv6Net};

/// How much of the client's address the log contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogAddress {
    #[default]
    Full,
    /// The network of the address, which stands for many clients: /24 of IPv4, /48 of IPv6.
    Short,
    Off,
}

const SHORT_V4: u8 = 24;
const SHORT_V6: u8 = 48;

impl LogAddress {
    pub(super) fn shown(self, address: Option<IpAddr>) -> Option<LoggedAddress> {
        match self {
            Self::Off => None,
            Self::Short => address.map(LoggedAddress::Network),
            Self::Full => address.map(LoggedAddress::Whole),
        }
    }
}

/// The address of a client, as the log contains it.
#[derive(Debug, Clone, Copy)]
pub(super) enum LoggedAddress {
    Whole(IpAddr),
    /// Written with the length of its prefix, so that nobody takes it for the address of a client.
    Network(IpAddr),
}

impl fmt::Display for LoggedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Whole(address) => address.fmt(f),
            Self::Network(IpAddr::V4(address)) => {
                Ipv4Net::new_assert(address, SHORT_V4).trunc().fmt(f)
            }
            Self::Network(IpAddr::V6(address)) => {
                Ipv6Net::new_assert(address, SHORT_V6).trunc().fmt(f)
            }
        }
    }
}

/// The principal of a request, once its credentials are checked. The access log keeps a clone, because
/// the request is lost after a panic or a timeout.
#[derive(Clone, Default)]
pub(super) struct KnownPrincipal(Rc<Cell<Option<Principal>>>);

impl KnownPrincipal {
    pub(super) fn user_id(&self) -> Option<i64> {
        match self.0.get() {
            Some(Principal::User(id)) => Some(id.get()),
            _ => None,
        }
    }

    pub(super) fn api_key_id(&self) -> Option<i64> {
        match self.0.get() {
            Some(Principal::ApiKey(id)) => Some(id.get()),
            _ => None,
        }
    }
}

/// Names the principal of a request in the log, from now on.
pub(super) fn log_principal(principal: Principal, request: &HttpRequest) {
    let Some(known) = request.extensions().get::<KnownPrincipal>().cloned() else { return };
    known.0.set(Some(principal));
    let span = tracing::Span::current();
    if let Some(id) = known.user_id() {
        span.record("user_id", id);
    }
    if let Some(id) = known.api_key_id() {
        span.record("api_key_id", id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_whole_or_as_a_network_or_not() {
        let shown = |how: LogAddress, address: &str| {
            how.shown(Some(address.parse().unwrap())).map(|address| address.to_string())
        };
        for (address, network) in
            [("203.0.113.9", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48")]
        {
            assert_eq!(shown(LogAddress::Full, address).as_deref(), Some(address));
            assert_eq!(shown(LogAddress::Short, address).as_deref(), Some(network));
            assert_eq!(shown(LogAddress::Off, address), None);
        }
    }
}
