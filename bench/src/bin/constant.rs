//! constant PORT: answers every request with the same 300 bytes of JSON. It is the ceiling for the
//! requests that the machine, the load generator and actix-web can carry.

use actix_web::http::header::ContentType;
use actix_web::{App, HttpResponse, HttpServer, web};

const BODY: &str = r#"{"success":true,"data":{"id":42,"title":"A book that never changes, with a title of average length","author":"Nobody In Particular","isbn":"9780132350884","genre":"Software","year":2008,"description":null,"created_at":"2026-11-21T06:11:08.123456Z","updated_at":"2026-11-21T06:11:08.123456Z","n":0.1}}"#;
const _: () = assert!(BODY.len() == 300);

async fn answer() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(BODY)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    HttpServer::new(|| App::new().default_service(web::to(answer)))
        .bind(("127.0.0.1", port))?
        .run()
        .await
}
