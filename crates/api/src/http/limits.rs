//! Rate limits.
//!
//! A request is counted before its body is read, and a login under its account as soon as the body
//! names the account. Both happen before any password is hashed. The name under which a request is
//! counted does not depend on whether an account exists, so a refusal does not reveal that.
//!
//! - A request with valid credentials is counted under the user or the API key, every other request
//!   under its address.
//! - A login is counted under its address first. Only a login within that limit is counted under
//!   its account, so refused logins do not count against the account. Both limits are the same, so
//!   one client can use up the logins of an account. Nobody can then log in to that account until
//!   the window ends. Its sessions continue, because they need no login.
//! - Registrations and calls with a password have limits of their own, by address. Those that need
//!   a session are also counted as writes of their user.

use std::cmp::Reverse;
use std::fmt::{self, Write as _};
use std::net::IpAddr;
use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bookshelf_application::{Error as UseCaseError, Principal};
use bookshelf_domain::limits::{Quota, RateLimiter, Spent};
use bookshelf_domain::{Clock, Folded};
use sha2::{Digest, Sha256};

use super::{ApiError, Context, Reason};

static RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
static RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The counter of requests, and the quotas.
pub struct Limits {
    pub limiter: Arc<dyn RateLimiter>,
    pub clock: Arc<dyn Clock>,
    pub quotas: Quotas,
}

/// The quota of each kind of request; `None` is no limit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quotas {
    /// Per address, and per account.
    pub login: Option<Quota>,
    /// Per address.
    pub register: Option<Quota>,
    /// Per address.
    pub password: Option<Quota>,
    /// Per user, API key or address.
    pub write: Option<Quota>,
    /// Per user, API key or address.
    pub read: Option<Quota>,
}

/// A kind of request that has a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    Login,
    Register,
    Password,
    Write,
    Read,
}

impl Policy {
    pub(super) fn of(method: &Method) -> Self {
        if method.is_safe() { Self::Read } else { Self::Write }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Register => "register",
            Self::Password => "password",
            Self::Write => "write",
            Self::Read => "read",
        }
    }

    const fn quota(self, quotas: &Quotas) -> Option<Quota> {
        match self {
            Self::Login => quotas.login,
            Self::Register => quotas.register,
            Self::Password => quotas.password,
            Self::Write => quotas.write,
            Self::Read => quotas.read,
        }
    }
}

/// What a request is counted under. Its text is a part of the counter's key.
enum Counted<'a> {
    Address(Option<IpAddr>),
    Principal(Principal),
    Account(&'a str),
}

impl fmt::Display for Counted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(Some(IpAddr::V4(address))) => write!(f, "address:{address}"),
            // A household gets a /64 network and can use every address in it.
            Self::Address(Some(IpAddr::V6(address))) => {
                write!(f, "address:{:x}", address.to_bits() >> 64)
            }
            Self::Address(None) => f.write_str("address:none"),
            Self::Principal(principal) => principal.fmt(f),
            // Other people may be able to read the counters, so the key contains a hash of the
            // email address.
            Self::Account(email) => {
                let digest = Sha256::digest(Folded::new(email.trim()).as_str());
                write!(f, "account:{}", URL_SAFE_NO_PAD.encode(&digest[..16]))
            }
        }
    }
}

/// Counts a request under its client's address, or refuses it.
pub(crate) async fn limit_address(policy: Policy, request: &HttpRequest) -> Result<(), ApiError> {
    let context = Context::of(request)?;
    let address = context.trusted_proxies.client_address(request);
    context.limits.spend(policy, Counted::Address(address), request).await
}

/// Counts a login under the account with this email address, whether or not the account exists, or
/// refuses it.
pub(crate) async fn limit_account(email: &str, request: &HttpRequest) -> Result<(), ApiError> {
    Context::of(request)?.limits.spend(Policy::Login, Counted::Account(email), request).await
}

/// Counts a request under its principal, or refuses it.
pub(super) async fn limit_principal(
    principal: Principal,
    request: &HttpRequest,
) -> Result<(), ApiError> {
    let policy = Policy::of(request.method());
    Context::of(request)?.limits.spend(policy, Counted::Principal(principal), request).await
}

impl Limits {
    async fn spend(
        &self,
        policy: Policy,
        counted: Counted<'_>,
        request: &HttpRequest,
    ) -> Result<(), ApiError> {
        let Some(quota) = policy.quota(&self.quotas) else { return Ok(()) };
        let mut key = String::with_capacity(64);
        // Writing to a String cannot fail.
        let _ = write!(key, "{}:{counted}", policy.name());
        let spent = self.limiter.spend(&key, quota, self.clock.now()).await;
        let spent = spent.map_err(UseCaseError::from)?;
        keep_nearest(QuotaState { policy, quota, spent }, request);
        if spent.allowed {
            return Ok(());
        }
        let wait = format!("Too many requests; try again in {} s", spent.reset_seconds);
        Err(ApiError::new(Reason::RateLimited).message(wait))
    }
}

/// The state of a quota after a request was counted.
#[derive(Debug, Clone, Copy)]
struct QuotaState {
    policy: Policy,
    quota: Quota,
    spent: Spent,
}

/// Keeps the state of the quota that is nearest to its limit, for the headers of the response.
fn keep_nearest(state: QuotaState, request: &HttpRequest) {
    let mut extensions = request.extensions_mut();
    let nearer = extensions.get::<QuotaState>().is_none_or(|known| {
        let rank = |spent: Spent| (spent.remaining, Reverse(spent.reset_seconds));
        !state.spent.allowed || rank(state.spent) < rank(known.spent)
    });
    if nearer {
        extensions.insert(state);
    }
}

/// Adds the headers about rate limits (draft-ietf-httpapi-ratelimit-headers), and `Retry-After` if
/// the request was refused.
pub(super) async fn add_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    let state = response.request().extensions().get::<QuotaState>().copied();
    if let Some(state) = state {
        state.write_to(response.headers_mut());
    }
    Ok(response)
}

impl QuotaState {
    fn write_to(self, headers: &mut HeaderMap) {
        let Self { policy, quota, spent } = self;
        let name = policy.name();
        let rule = format!("\"{name}\";q={};w={}", quota.requests, quota.window_seconds);
        let rest = format!("\"{name}\";r={};t={}", spent.remaining, spent.reset_seconds);
        for (header, text) in [(&RATE_LIMIT_POLICY, rule), (&RATE_LIMIT, rest)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(header.clone(), value);
            }
        }
        if !spent.allowed {
            headers.insert(RETRY_AFTER, HeaderValue::from(spent.reset_seconds));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted_by(address: &str) -> String {
        Counted::Address(Some(address.parse().unwrap())).to_string()
    }

    #[test]
    fn addresses_of_one_household_share_a_name() {
        assert_eq!(counted_by("2001:db8::1"), counted_by("2001:db8:0:0:ffff::2"));
        assert_ne!(counted_by("2001:db8::1"), counted_by("2001:db8:0:1::1"));
        assert_ne!(counted_by("203.0.113.1"), counted_by("203.0.113.2"));
    }

    #[test]
    fn the_name_of_an_account_ignores_case_and_hides_the_email() {
        let counted = |email| Counted::Account(email).to_string();
        assert_eq!(counted("ann@example.com"), counted(" Ann@EXAMPLE.com"));
        assert_ne!(counted("ann@example.com"), counted("ben@example.com"));
        assert!(!counted("ann@example.com").contains("ann"));
    }
}
