use actix_web::http::header::USER_AGENT;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use bookshelf_application::Error;
use bookshelf_application::accounts::{Client, is_refresh_token};
use bookshelf_domain::accounts::{CredentialsDraft, Session, User};
use bookshelf_metrics::{LOGINS, counter};

use super::body::{CredentialsBody, RefreshBody, RegistrationBody};
use super::hashing::hashing_turn;
use super::view::{SessionView, TokensView, UserView, tag};
use crate::App;
use crate::http::{
    Anyone, ApiError, Body, Envelope, HandlerResult, IdempotencyHeader, IfExists, Owner, PathId,
    Policy, Reason, admit_address, bearer, client_address, client_for_rate_limits, created,
    created_once, limit_login, no_content, ok, owner, refuse_tags, shows_credentials,
};
use crate::paths;

/// How many characters of a `User-Agent` are stored.
const LONGEST_USER_AGENT: usize = 256;

/// Creates an account
///
/// The server can be set to admit only people with an invitation (`invite`), or nobody. An invitation
/// that is sent must be valid, even if registration is open to everybody.
#[utoipa::path(
    tag = "accounts",
    params(IdempotencyHeader),
    request_body = RegistrationBody,
    responses(
        (status = 201, description = "The new user", body = Envelope<UserView>),
        (
            status = 403,
            description = "`registration_closed`; `invite_invalid` if the invitation is needed but \
                missing, or unknown, used, expired, revoked, or for another email address"
        ),
        (status = 409, description = "`email_taken`, `username_taken`"),
    )
)]
#[post("/auth/register")]
pub(super) async fn register(app: Data<App>, request: HttpRequest, body: Body) -> HandlerResult {
    admit_address(Policy::Register, &request).await?;
    let client = client_for_rate_limits(&request);
    let (registration, key) = body.read_once::<RegistrationBody>(client).await?;
    let _turn = hashing_turn(&request).await?;
    let made = app.accounts.register(registration.into(), key).await?;
    Ok(created_once(made, user_registered))
}

fn user_registered(user: &User) -> HttpResponse {
    tag(user).mark(created(UserView::from(user), "The account was created", paths::ME))
}

/// Logs in
///
/// This opens a session. A wrong password and an unknown email address get the same response after
/// the same time.
#[utoipa::path(
    tag = "accounts",
    request_body = CredentialsBody,
    responses(
        (status = 200, description = "The tokens of the session", body = Envelope<TokensView>),
        (status = 401, description = "`invalid_credentials`"),
    )
)]
#[post("/auth/login")]
pub(super) async fn login(app: Data<App>, request: HttpRequest, body: Body) -> HandlerResult {
    admit_address(Policy::Login, &request).await?;
    let draft: CredentialsDraft = body.read::<CredentialsBody>().await?.into();
    let email = draft.email.clone().into_value();
    let _turn = hashing_turn(&request).await?;
    let login = counted(app.accounts.login(draft, client(&request)));
    let pair = limit_login(email.as_deref(), &request, login).await?;
    Ok(ok(TokensView::from(&pair)))
}

/// Counts a login. One that a limit refuses is not tried and counts among the refusals.
async fn counted<T>(attempt: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let outcome = attempt.await;
    let ended = match &outcome {
        Ok(_) => Some("succeeded"),
        Err(Error::InvalidCredentials) => Some("failed"),
        Err(_) => None,
    };
    if let Some(ended) = ended {
        counter!(LOGINS.name, "outcome" => ended).increment(1);
    }
    outcome
}

/// Exchanges a refresh token for new tokens
///
/// The token is sent in the body, or else as `Authorization: Bearer`. If the body has a token, the
/// header is ignored. The token can be used once. If it is
/// used again, its session ends. Within a short grace period, the token that was used last gets the
/// same new refresh token again instead.
#[utoipa::path(
    tag = "accounts",
    security((), ("bearer" = [])),
    request_body = Option<RefreshBody>,
    responses(
        (status = 200, description = "The new tokens", body = Envelope<TokensView>),
        (
            status = 401,
            description = "`token_missing`, `token_invalid`, `token_expired`, `token_revoked`, \
                `token_reused`"
        ),
    )
)]
#[post("/auth/refresh")]
pub(super) async fn refresh(
    _: Anyone,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    let token = match token_in_body(&request, body).await? {
        Some(token) => token,
        None => bearer(request.headers())?.ok_or_else(no_refresh_token)?.to_owned(),
    };
    let pair = app.accounts.refresh(&token).await?;
    Ok(ok(TokensView::from(&pair)))
}

fn no_refresh_token() -> ApiError {
    ApiError::new(Reason::TokenMissing).message("The request needs a refresh token")
}

/// The refresh token in the body. It may be missing if the request has credentials in a header.
async fn token_in_body(request: &HttpRequest, body: Body) -> Result<Option<String>, ApiError> {
    let is_required = !shows_credentials(request);
    match body.read::<RefreshBody>().await {
        Ok(body) => Ok(body.into_token(is_required)?),
        Err(error) if error.is(Reason::MissingBody) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Ends the current session
///
/// The session is that of the access token, or that of a refresh token, which is sent as for
/// `/auth/refresh`. So a client whose access token has expired can log out too.
#[utoipa::path(
    tag = "accounts",
    security((), ("bearer" = [])),
    request_body = Option<RefreshBody>,
    responses(
        (status = 204, description = "The session was ended; its tokens no longer work"),
        (
            status = 401,
            description = "`token_missing`, `token_invalid`, `token_expired`, `token_revoked`"
        ),
        (status = 403, description = "`forbidden` with an API key, which has no session"),
    )
)]
#[post("/auth/logout")]
pub(super) async fn logout(
    _: Anyone,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    let in_body = token_in_body(&request, body).await?;
    let in_header = || -> Result<_, ApiError> {
        Ok(bearer(request.headers())?.filter(|token| is_refresh_token(token)))
    };
    match in_body.as_deref().map_or_else(in_header, |token| Ok(Some(token)))? {
        Some(token) => app.accounts.logout_by_refresh_token(token).await?,
        None => app.accounts.logout(&owner(&request).await?).await?,
    }
    Ok(no_content())
}

/// Ends every session of the user
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = [])),
    responses((status = 204, description = "All sessions were ended; their tokens no longer work"))
)]
#[post("/auth/logout-all")]
pub(super) async fn logout_all(owner: Owner, app: Data<App>) -> HandlerResult {
    app.accounts.logout_all(&owner.0).await?;
    Ok(no_content())
}

/// Lists the sessions of the user
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = [])),
    responses((
        status = 200,
        description = "The sessions that have not ended, the one used last first",
        body = Envelope<Vec<SessionView>>
    ))
)]
#[get("/auth/sessions")]
pub(super) async fn list_sessions(owner: Owner, app: Data<App>) -> HandlerResult {
    let sessions = app.accounts.sessions(&owner.0).await?;
    let current = owner.0.session_id();
    Ok(ok(sessions.iter().map(|session| SessionView::new(session, current)).collect::<Vec<_>>()))
}

/// Ends one session of the user
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = [])),
    params(("id" = i64, Path, minimum = 1, example = 7), IfExists),
    responses((status = 204, description = "The session was ended; its tokens no longer work"))
)]
#[delete("/auth/sessions/{id}")]
pub(super) async fn end_session(
    owner: Owner,
    id: PathId<Session>,
    app: Data<App>,
    request: HttpRequest,
) -> HandlerResult {
    refuse_tags(&request)?;
    app.accounts.end_session(&owner.0, id.0).await?;
    Ok(no_content())
}

fn client(request: &HttpRequest) -> Client {
    let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    Client {
        user_agent: user_agent.map(|text| text.chars().take(LONGEST_USER_AGENT).collect()),
        address: client_address(request).map(|address| address.to_string()),
    }
}
