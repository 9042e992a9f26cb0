use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::{HttpMessage, HttpRequest};

/// The route of a request, once it is found. The middlewares that ask for it keep a clone, because the
/// request is lost after a panic or a timeout.
#[derive(Clone, Default)]
pub(super) struct FoundRoute(Rc<OnceCell<Arc<str>>>);

impl FoundRoute {
    /// The route that will be found for this request.
    pub(super) fn of(request: &ServiceRequest) -> Self {
        request.extensions_mut().get_or_insert_with(Self::default).clone()
    }

    /// Notes the route if somebody asked for it.
    pub(super) fn note(request: &HttpRequest, template: &Arc<str>) {
        if let Some(Self(route)) = request.extensions().get() {
            // A request has one route.
            let _: &Arc<str> = route.get_or_init(|| Arc::clone(template));
        }
    }

    /// The path with the names of its parameters.
    pub(super) fn template(&self) -> Option<&Arc<str>> {
        self.0.get()
    }
}
