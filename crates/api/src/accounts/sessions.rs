use actix_web::http::header::USER_AGENT;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use bookshelf_application::Principal;
use bookshelf_application::accounts::Client;
use bookshelf_domain::Change;
use bookshelf_domain::accounts::{CredentialsDraft, Session, User};

use super::body::{CredentialsBody, RefreshBody, RegistrationBody};
use super::view::{SessionView, TokensView, UserView, tag};
use crate::App;
use crate::http::{
    Anyone, ApiError, Body, Envelope, HandlerResult, IdempotencyHeader, Owner, PathId, Policy,
    Reason, bearer, client_address, created, created_once, limit_account, limit_address,
    no_content, ok,
};
use crate::paths;

/// How many characters of a `User-Agent` are stored.
const LONGEST_USER_AGENT: usize = 256;

/// Creates an account
#[utoipa::path(
    tag = "accounts",
    params(IdempotencyHeader),
    request_body = RegistrationBody,
    responses(
        (status = 201, description = "The new user", body = Envelope<UserView>),
        (status = 409, description = "`email_taken`, `username_taken`"),
    )
)]
#[post("/auth/register")]
pub(super) async fn register(app: Data<App>, request: HttpRequest, body: Body) -> HandlerResult {
    limit_address(Policy::Register, &request).await?;
    let (registration, key) = body.read_once::<RegistrationBody>(Principal::Anonymous).await?;
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
    limit_address(Policy::Login, &request).await?;
    let draft: CredentialsDraft = body.read::<CredentialsBody>().await?.into();
    if let Change::Set(email) = &draft.email {
        limit_account(email, &request).await?;
    }
    let pair = app.accounts.login(draft, client(&request)).await?;
    Ok(ok(TokensView::from(&pair)))
}

/// Exchanges a refresh token for new tokens
///
/// The token is sent as `Authorization: Bearer`, or else in the body. It can be used once. If it is
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
    let token = match bearer(request.headers())? {
        Some(token) => token.to_owned(),
        None => refresh_token(body).await?,
    };
    let pair = app.accounts.refresh(&token).await?;
    Ok(ok(TokensView::from(&pair)))
}

async fn refresh_token(body: Body) -> Result<String, ApiError> {
    match body.read::<RefreshBody>().await {
        Ok(body) => Ok(body.into_token()?),
        Err(error) if error.is(Reason::MissingBody) => {
            Err(ApiError::new(Reason::TokenMissing).message("The request needs a refresh token"))
        }
        Err(error) => Err(error),
    }
}

/// Ends the current session
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = [])),
    responses((status = 204, description = "The session was ended; its tokens no longer work"))
)]
#[post("/auth/logout")]
pub(super) async fn logout(owner: Owner, app: Data<App>) -> HandlerResult {
    app.accounts.logout(&owner.0).await?;
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
    params(("id" = i64, Path, minimum = 1, example = 7)),
    responses((status = 204, description = "The session was ended; its tokens no longer work"))
)]
#[delete("/auth/sessions/{id}")]
pub(super) async fn end_session(
    owner: Owner,
    id: PathId<Session>,
    app: Data<App>,
) -> HandlerResult {
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
