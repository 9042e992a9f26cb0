use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use bookshelf_application::Principal;
use bookshelf_domain::accounts::User;
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::{NewUserBody, UserPatch, UserPatchBody};
use super::query::{self, UserListParams};
use crate::App;
use crate::accounts::{READ_ONLY, TAGS, UserView, hashing_turn, tag};
use crate::http::{
    AdminReader, AdminWriter, Body, Collection, Envelope, HandlerResult, IdempotencyHeader,
    IfMatch, IfNoneMatch, PRIVATE, PageParams, PathId, Precondition, created, created_once,
    no_content, ok,
};
use crate::paths;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_users)
        .service(create_user)
        .service(get_user)
        .service(patch_user)
        .service(delete_user);
}

/// Lists users
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["admin"]), ("api_key" = ["admin", "read"])),
    params(UserListParams, PageParams),
    responses((status = 200, description = "A page of users", body = Collection<UserView>))
)]
#[get("/users")]
async fn list_users(admin: AdminReader, app: Data<App>, request: HttpRequest) -> HandlerResult {
    let (query, page) = query::read(request.query_string())?;
    let _turn = app.slow_read(Principal::User(admin.0.caller().user().id), &request).await?;
    let listing = app.accounts.list_users(&admin.0, query).await?;
    Ok(page.answer(
        &listing,
        |user| page.sort.position(user),
        |user| UserView::at(user, paths::user(user.id)),
    ))
}

/// Creates a user
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["admin"]), ("api_key" = ["admin", "write"])),
    params(IdempotencyHeader),
    request_body = NewUserBody,
    responses(
        (status = 201, description = "The new user", body = Envelope<UserView>),
        (status = 409, description = "`email_taken`, `username_taken`"),
    )
)]
#[post("/users")]
async fn create_user(
    admin: AdminWriter,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    let (user, key) = body.read_once::<NewUserBody>(admin.0.caller().principal()).await?;
    let _turn = hashing_turn(&request).await?;
    let made = app.accounts.create_user(&admin.0, user.into(), key).await?;
    Ok(created_once(made, user_created))
}

fn user_created(user: &User) -> HttpResponse {
    let at = paths::user(user.id);
    tag(user).mark(created(UserView::at(user, at.clone()), "The account was created", &at))
}

/// Shows a user
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["admin"]), ("api_key" = ["admin", "read"])),
    params(("id" = i64, Path, minimum = 1, example = 3), IfNoneMatch),
    responses((status = 200, description = "The user", body = Envelope<UserView>))
)]
#[get("/users/{id}")]
async fn get_user(
    admin: AdminReader,
    id: PathId<User>,
    app: Data<App>,
    request: HttpRequest,
) -> HandlerResult {
    let user = app.accounts.get_user(&admin.0, id.0).await?;
    Ok(tag(&user).answer(&request, PRIVATE, || ok(UserView::at(&user, paths::user(user.id)))))
}

/// Changes the role and the names of a user
///
/// A new role invalidates the access tokens of the user at once.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["admin"]), ("api_key" = ["admin", "write"])),
    params(("id" = i64, Path, minimum = 1, example = 3), IfMatch),
    request_body(content(
        (UserPatch = "application/merge-patch+json"),
        (UserPatch = "application/json"),
    )),
    responses(
        (status = 200, description = "The changed user", body = Envelope<UserView>),
        (status = 409, description = "`username_taken`, `last_admin`"),
    )
)]
#[patch("/users/{id}")]
async fn patch_user(
    admin: AdminWriter,
    id: PathId<User>,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    let precondition = Precondition::of(&request, TAGS)?;
    let draft = body.read_change::<UserPatchBody>(READ_ONLY).await?.into();
    let user = app.accounts.update_user(&admin.0, id.0, precondition.expected(), draft).await;
    let user = user.map_err(|error| precondition.explain(error))?;
    Ok(tag(&user).mark(ok(UserView::at(&user, paths::user(user.id)))))
}

/// Deletes a user
///
/// The user's sessions, API keys and shelf are deleted too. The books that the user added stay.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["admin"]), ("api_key" = ["admin", "write"])),
    params(("id" = i64, Path, minimum = 1, example = 3), IfMatch),
    responses(
        (status = 204, description = "The user was deleted"),
        (status = 409, description = "`last_admin`"),
    )
)]
#[delete("/users/{id}")]
async fn delete_user(
    admin: AdminWriter,
    id: PathId<User>,
    app: Data<App>,
    request: HttpRequest,
) -> HandlerResult {
    let precondition = Precondition::of(&request, TAGS)?;
    app.accounts
        .delete_user(&admin.0, id.0, precondition.expected())
        .await
        .map_err(|error| precondition.explain(error))?;
    Ok(no_content())
}
