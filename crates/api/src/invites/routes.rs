use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use bookshelf_application::Principal;
use bookshelf_domain::invites::{CreatedInvite, Invite};
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::InviteBody;
use super::query::{self, InviteListParams};
use super::view::{CreatedInviteView, InviteView};
use crate::App;
use crate::http::{
    AdminReader, AdminWriter, Body, Collection, Envelope, HandlerResult, IdempotencyHeader,
    IfExists, PageParams, PathId, created, created_once, no_content, refuse_tags,
};
use crate::paths;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create_invite).service(list_invites).service(delete_invite);
}

/// Creates an invitation
///
/// One person can register with it. Only this response contains its token, because the server stores
/// its hash. An invitation works only while its creator is an admin.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["admin"]), ("api_key" = ["admin", "write"])),
    params(IdempotencyHeader),
    request_body = InviteBody,
    responses((status = 201, description = "The new invitation", body = Envelope<CreatedInviteView>))
)]
#[post("/invites")]
async fn create_invite(admin: AdminWriter, app: Data<App>, body: Body) -> HandlerResult {
    let (invite, key) = body.read_once::<InviteBody>(admin.0.caller().principal()).await?;
    let made = app.invites.create(&admin.0, invite.into(), key).await?;
    Ok(created_once(made, invite_created))
}

fn invite_created(made: &CreatedInvite) -> HttpResponse {
    let message = "The invitation was created; its token is shown only once";
    created(CreatedInviteView::from(made), message, &paths::invite(made.invite.id))
}

/// Lists invitations
///
/// A used or expired invitation is listed for 30 days.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["admin"]), ("api_key" = ["admin", "read"])),
    params(InviteListParams, PageParams),
    responses((status = 200, description = "A page of invitations", body = Collection<InviteView>))
)]
#[get("/invites")]
async fn list_invites(admin: AdminReader, app: Data<App>, request: HttpRequest) -> HandlerResult {
    let (query, page) = query::read(request.query_string())?;
    let _turn = app.slow_read(Principal::User(admin.0.caller().user().id), &request).await?;
    let listing = app.invites.list(&admin.0, query).await?;
    Ok(page.answer(&listing, |invite| page.sort.position(invite), InviteView::from))
}

/// Revokes an invitation
///
/// It stops working at once. An account that was registered with it stays.
#[utoipa::path(
    tag = "users",
    security(("bearer" = ["admin"]), ("api_key" = ["admin", "write"])),
    params(("id" = i64, Path, minimum = 1, example = 5), IfExists),
    responses((status = 204, description = "The invitation was revoked"))
)]
#[delete("/invites/{id}")]
async fn delete_invite(
    admin: AdminWriter,
    id: PathId<Invite>,
    app: Data<App>,
    request: HttpRequest,
) -> HandlerResult {
    refuse_tags(&request)?;
    app.invites.revoke(&admin.0, id.0).await?;
    Ok(no_content())
}
