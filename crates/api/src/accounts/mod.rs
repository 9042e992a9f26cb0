//! Accounts and their sessions.

mod body;
mod hashing;
mod profile;
mod sessions;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use body::READ_ONLY;
pub(crate) use hashing::hashing_turn;
pub(crate) use view::{TAGS, UserView, tag};

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
