//! Accounts and their sessions.

mod body;
mod profile;
mod sessions;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use view::{UserView, tag};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(sessions::register)
        .service(sessions::login)
        .service(sessions::refresh)
        .service(sessions::logout)
        .service(sessions::logout_all)
        .service(sessions::list_sessions)
        .service(sessions::end_session)
        .service(profile::me)
        .service(profile::profile)
        .service(profile::patch_me)
        .service(profile::change_password)
        .service(profile::delete_account);
}
