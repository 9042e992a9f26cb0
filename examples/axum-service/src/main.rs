//! Serves the example on 127.0.0.1:8081, with an empty catalogue.

use bookshelf_domain::limits::Quota;
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let quota: Quota = "60/minute".parse()?;
    let listener = TcpListener::bind("127.0.0.1:8081").await?;
    Ok(axum::serve(listener, axum_service::service(quota)).await?)
}
