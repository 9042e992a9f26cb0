//! Bounds the memory that one client can occupy with responses that it does not read.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use bookshelf_application::Principal;

use super::connection::SENT_AT_ONCE;
use super::{ApiError, Reason, client_for_shares};

/// The bytes of long responses that one client may have on their way. The largest response, a cover,
/// has 8 MiB, and browsers open six connections.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The bytes on their way to each client. A client without a long response has no entry.
static ON_THEIR_WAY: LazyLock<Mutex<HashMap<Principal, u64>>> = LazyLock::new(Mutex::default);

/// Refuses a long response if its client has not read too many others.
pub(super) async fn bound(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    match response.response().body().size() {
        BodySize::Sized(size) if size > SENT_AT_ONCE => {
            let place = Place::take(client_for_shares(response.request()), size)?;
            Ok(response.map_body(|_, body| BoxBody::new(Unread { body, _place: place })))
        }
        _ => Ok(response),
    }
}

/// The share of a response, until it is dropped.
struct Place {
    client: Principal,
    size: u64,
}

impl Place {
    fn take(client: Principal, size: u64) -> Result<Self, ApiError> {
        let mut clients = ON_THEIR_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        let before = clients.get(&client).copied().unwrap_or(0);
        if before + size > LARGEST {
            return Err(ApiError::new(Reason::RateLimited)
                .message("You have not read other long responses; read them, then try again"));
        }
        clients.insert(client, before + size);
        Ok(Self { client, size })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut clients = ON_THEIR_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        match clients.get_mut(&self.client) {
            Some(size) if *size > self.size => *size -= self.size,
            _ => drop(clients.remove(&self.client)),
        }
    }
}

/// A long body that counts for its client until it is sent.
struct Unread {
    body: BoxBody,
    _place: Place,
}

impl MessageBody for Unread {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_its_share_until_it_has_read() {
        let (one, other) =
            (Principal::for_shares("192.0.2.1".parse().ok()), Principal::for_shares(None));
        let first = Place::take(one, LARGEST - 1).unwrap();
        let refused = Place::take(one, 2).err().unwrap();
        assert_eq!(refused.reason, Reason::RateLimited);
        let _rest = Place::take(one, 1).unwrap();
        let _another = Place::take(other, LARGEST).unwrap();
        drop(first);
        Place::take(one, LARGEST - 1).unwrap();
    }
}
