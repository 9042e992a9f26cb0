use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, patch, post};

use super::body::{PasswordBody, PasswordChangeBody, Profile, ProfileBody, READ_ONLY};
use super::hashing::hashing_turn;
use super::view::{TAGS, UserView, tag};
use crate::App;
use crate::http::{
    Body, Envelope, HandlerResult, IfMatch, IfNoneMatch, Owner, PRIVATE, Policy, Precondition,
    Reader, Writer, limit_address, no_content, ok,
};

/// Shows the caller's own account
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = []), ("api_key" = ["read"])),
    params(IfNoneMatch),
    responses((status = 200, description = "The user", body = Envelope<UserView>))
)]
#[get("/auth/me")]
pub(super) async fn me(user: Reader, request: HttpRequest) -> HandlerResult {
    Ok(show(&user, &request))
}

/// Shows the caller's own account
///
/// The same as `/auth/me`.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = []), ("api_key" = ["read"])),
    params(IfNoneMatch),
    responses((status = 200, description = "The user", body = Envelope<UserView>))
)]
#[get("/profile")]
pub(super) async fn profile(user: Reader, request: HttpRequest) -> HandlerResult {
    Ok(show(&user, &request))
}

fn show(user: &Reader, request: &HttpRequest) -> HttpResponse {
    let user = user.0.caller().user();
    tag(user).answer(request, PRIVATE, || ok(UserView::from(user)))
}

/// Changes the caller's own name and username
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = []), ("api_key" = ["write"])),
    params(IfMatch),
    request_body(content(
        (Profile = "application/merge-patch+json"),
        (Profile = "application/json"),
    )),
    responses(
        (status = 200, description = "The changed user", body = Envelope<UserView>),
        (status = 409, description = "`username_taken`"),
    )
)]
#[patch("/auth/me")]
pub(super) async fn patch_me(
    writer: Writer,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    let precondition = Precondition::of(&request, TAGS)?;
    let draft = body.read_change::<ProfileBody>(READ_ONLY).await?.into();
    let user = app.accounts.update_profile(&writer.0, precondition.expected(), draft).await;
    let user = user.map_err(|error| precondition.explain(error))?;
    Ok(tag(&user).mark(ok(UserView::from(&user))))
}

/// Changes the caller's own password
///
/// All other sessions end.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = [])),
    request_body = PasswordChangeBody,
    responses(
        (status = 204, description = "The password was changed"),
        (
            status = 401,
            description = "`invalid_credentials` if the current password is wrong, or an error of \
                the access token"
        ),
    )
)]
#[post("/auth/password")]
pub(super) async fn change_password(
    owner: Owner,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    limit_address(Policy::Password, &request).await?;
    let draft = body.read::<PasswordChangeBody>().await?.into();
    let _turn = hashing_turn(&request).await?;
    app.accounts.change_password(&owner.0, draft).await?;
    Ok(no_content())
}

/// Deletes the caller's own account
///
/// The account's sessions, API keys and shelf are deleted too. The books that it added stay.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = [])),
    request_body = PasswordBody,
    responses(
        (status = 204, description = "The account was deleted"),
        (
            status = 401,
            description = "`invalid_credentials` if the password is wrong, or an error of the \
                access token"
        ),
        (status = 409, description = "`last_admin`"),
    )
)]
#[post("/auth/delete-account")]
pub(super) async fn delete_account(
    owner: Owner,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    limit_address(Policy::Password, &request).await?;
    let draft = body.read::<PasswordBody>().await?.into();
    let _turn = hashing_turn(&request).await?;
    app.accounts.delete_account(&owner.0, draft).await?;
    Ok(no_content())
}
