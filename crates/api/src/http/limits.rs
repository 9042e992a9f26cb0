//! Rate limits.
//!
//! A request is counted before its body is read, and a login under its account as soon as the body
//! names the account. Both happen before any password is hashed. The name under which a request is
//! counted does not depend on whether an account exists, so a refusal does not reveal that.
//!
//! - A request with valid credentials is counted under the user or the API key, every other request
//!   under its address. A public request with an access token is counted under the user if the
//!   signature is good.
//! - A login is counted under its address. A login within that limit is also counted under its
//!   account until it succeeds, so only failed logins stay counted there, wherever they come from.
//!   An attack from many addresses can use up the failures of an account. Nobody can then log in to
//!   that account until the window ends. Its sessions continue, because they need no login.
//! - One address may use only a part of the failures of an account, so that it cannot lock the owner
//!   out. When it has used its part, it is refused, and the account is not counted.
//! - Registrations and calls with a password have limits of their own, by address. Those that need
//!   a session are also counted as writes of their user.

use std::cmp::Reverse;
use std::fmt::{self, Write as _};
use std::num::NonZeroU32;
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
use bookshelf_metrics::{RATE_LIMIT_REFUSALS, counter};
use sha2::{Digest, Sha256};

use super::{ApiError, Context, Reason, client_for_rate_limits, client_for_shares};

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
    /// Per address.
    pub login: Option<Quota>,
    /// Failed logins per account.
    pub login_account: Option<Quota>,
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
    LoginAccount,
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
            Self::LoginAccount => "login-account",
            Self::Register => "register",
            Self::Password => "password",
            Self::Write => "write",
            Self::Read => "read",
        }
    }

    const fn quota(self, quotas: &Quotas) -> Option<Quota> {
        match self {
            Self::Login => quotas.login,
            Self::LoginAccount => quotas.login_account,
            Self::Register => quotas.register,
            Self::Password => quotas.password,
            Self::Write => quotas.write,
            Self::Read => quotas.read,
        }
    }
}

/// What a request is counted under. Its text is a part of the counter's key.
enum Counted<'a> {
    Principal(Principal),
    Account(&'a str),
    /// An account, as far as one address is concerned.
    AccountFrom(&'a str, Principal),
}

impl fmt::Display for Counted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(principal) => principal.fmt(f),
            // Other people may be able to read the counters, so the key contains a hash of the
            // email address.
            Self::Account(email) => {
                let digest = Sha256::digest(Folded::new(email.trim()).as_str());
                write!(f, "account:{}", URL_SAFE_NO_PAD.encode(&digest[..16]))
            }
            Self::AccountFrom(email, client) => write!(f, "{}:{client}", Counted::Account(email)),
        }
    }
}

/// Counts a request under its client's address, or refuses it.
pub(crate) async fn limit_address(policy: Policy, request: &HttpRequest) -> Result<(), ApiError> {
    limit(policy, client_for_rate_limits(request), request).await
}

/// Counts a request under its principal, or refuses it.
pub(super) async fn limit(
    policy: Policy,
    principal: Principal,
    request: &HttpRequest,
) -> Result<(), ApiError> {
    let limits = &Context::of(request)?.limits;
    let Some(quota) = policy.quota(&limits.quotas) else { return Ok(()) };
    let spent = limits.spend(policy, quota, &Counted::Principal(principal)).await?;
    keep_nearest(QuotaState { policy, quota, spent }, request);
    if spent.allowed { Ok(()) } else { Err(refusal(policy, spent)) }
}

fn refusal(policy: Policy, spent: Spent) -> ApiError {
    counter!(RATE_LIMIT_REFUSALS.name, "limit" => policy.name()).increment(1);
    let wait = format!("Too many requests; try again in {} s", spent.reset_seconds);
    ApiError::new(Reason::RateLimited).message(wait)
}

/// Runs a login, which is counted under the account with this email address, whether or not the
/// account exists, or refuses it. Only a failed login stays counted.
///
/// It is counted before the password is checked, so that simultaneous logins cannot exceed the
/// limit. A client that disconnects early leaves it counted, even if the password is not checked any
/// more. A response shows this quota only if it refuses the login, because the failures of an account
/// are nobody else's business.
pub(crate) async fn limit_login<T>(
    email: Option<&str>,
    request: &HttpRequest,
    login: impl Future<Output = Result<T, UseCaseError>>,
) -> Result<T, ApiError> {
    let limits = &Context::of(request)?.limits;
    let (Some(email), Some(quota)) = (email, limits.quotas.login_account) else {
        return Ok(login.await?);
    };
    let counters = [
        (part_of_one_address(quota), Counted::AccountFrom(email, client_for_shares(request))),
        (quota, Counted::Account(email)),
    ];
    for (number, (quota, counted)) in counters.iter().enumerate() {
        let spent = limits.spend(Policy::LoginAccount, *quota, counted).await?;
        if !spent.allowed {
            limits.refund(&counters[..number]).await?;
            keep_nearest(
                QuotaState { policy: Policy::LoginAccount, quota: *quota, spent },
                request,
            );
            return Err(refusal(Policy::LoginAccount, spent));
        }
    }
    let outcome = login.await;
    if !matches!(outcome, Err(UseCaseError::InvalidCredentials)) {
        limits.refund(&counters).await?;
    }
    Ok(outcome?)
}

/// How many failures of an account may come from one address: a tenth of them, but not fewer than a
/// person needs who mistypes the password.
fn part_of_one_address(quota: Quota) -> Quota {
    const ENOUGH: u32 = 5;
    let part = quota.requests.get().div_ceil(10).max(ENOUGH).min(quota.requests.get());
    Quota { requests: NonZeroU32::new(part).unwrap_or(quota.requests), ..quota }
}

impl Limits {
    async fn spend(
        &self,
        policy: Policy,
        quota: Quota,
        counted: &Counted<'_>,
    ) -> Result<Spent, ApiError> {
        let spent = self.limiter.spend(&key(policy, counted), quota, self.clock.now()).await;
        Ok(spent.map_err(UseCaseError::from)?)
    }

    /// Takes a login back that was counted.
    async fn refund(&self, counters: &[(Quota, Counted<'_>)]) -> Result<(), ApiError> {
        for (quota, counted) in counters {
            let key = key(Policy::LoginAccount, counted);
            let refunded = self.limiter.refund(&key, *quota, self.clock.now()).await;
            refunded.map_err(UseCaseError::from)?;
        }
        Ok(())
    }
}

/// The key of a counter.
fn key(policy: Policy, counted: &Counted<'_>) -> String {
    let mut key = String::with_capacity(64);
    // Writing to a String cannot fail.
    let _ = write!(key, "{}:{counted}", policy.name());
    key
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
    use bookshelf_metrics::Values;

    #[test]
    fn the_table_of_metrics_has_every_limit() {
        let [limit] = RATE_LIMIT_REFUSALS.labels else { panic!("refusals have one label") };
        let Values::Of(limits) = limit.values else { panic!("the limits are known") };
        let policies = [
            Policy::Login,
            Policy::LoginAccount,
            Policy::Register,
            Policy::Password,
            Policy::Write,
            Policy::Read,
        ];
        assert_eq!(limits, policies.map(Policy::name));
    }

    #[test]
    fn one_address_never_uses_up_the_failures_of_an_account() {
        let part = |text: &str| part_of_one_address(text.parse().unwrap()).to_string();
        assert_eq!(part("100/hour"), "10/hour");
        assert_eq!(part("101/day"), "11/day");
        assert_eq!(part("8/minute"), "5/minute", "a person may mistype the password");
        assert_eq!(part("3/minute"), "3/minute");
    }

    #[test]
    fn the_name_of_an_account_ignores_case_and_hides_the_email() {
        let counted = |email| Counted::Account(email).to_string();
        assert_eq!(counted("ann@example.com"), counted(" Ann@EXAMPLE.com"));
        assert_ne!(counted("ann@example.com"), counted("ben@example.com"));
        assert!(!counted("ann@example.com").contains("ann"));
    }
}
