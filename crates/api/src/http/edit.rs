use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::error::InternalError;
use actix_web::{Error, HttpResponse};

/// Changes an answer. After a panic or a timeout the answer is an error without its request.
pub(super) fn edit<B: MessageBody + 'static>(
    answer: Result<ServiceResponse<B>, Error>,
    change: impl FnOnce(HttpResponse) -> HttpResponse,
) -> Result<ServiceResponse, Error> {
    match answer {
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
