use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::error::InternalError;
use actix_web::{Error, HttpResponse};

/// Changes a response. After a panic or a timeout the request is lost, so the changed response is
/// passed on inside an error.
pub(super) fn change_response<B: MessageBody + 'static>(
    outcome: Result<ServiceResponse<B>, Error>,
    change: impl FnOnce(HttpResponse) -> HttpResponse,
) -> Result<ServiceResponse, Error> {
    match outcome {
        Ok(response) => {
            let (request, response) = response.map_into_boxed_body().into_parts();
            Ok(ServiceResponse::new(request, change(response)))
        }
        Err(error) => {
            let response = change(HttpResponse::from_error(error));
            Err(InternalError::from_response("answered", response).into())
        }
    }
}
