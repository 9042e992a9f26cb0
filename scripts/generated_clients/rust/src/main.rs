//! Uses the client that progenitor generates.

use std::env;
use std::error::Error;
use std::sync::{Arc, Mutex};

use futures_util::TryStreamExt;
use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};

use generated::types::{BookPatch, ListBooksOrder, ListBooksSort};
use generated::{Client, Error as ClientError};

#[allow(clippy::all, dead_code, unused_imports, mismatched_lifetime_syntaxes)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

/// The access token, which the client does not know by itself.
#[derive(Debug, Clone, Default)]
pub struct Access(Arc<Mutex<String>>);

impl Access {
    fn set(&self, token: &str) {
        token.clone_into(&mut self.0.lock().unwrap());
    }
}

impl ClientHooks<Access> for Client {
    async fn pre<E>(
        &self,
        request: &mut Request,
        operation: &OperationInfo,
    ) -> Result<(), ClientError<E>> {
        let token = self.inner.0.lock().unwrap().clone();
        let invalid = |_| ClientError::InvalidRequest("the token cannot be in a header".to_owned());
        if !token.is_empty() {
            let value = HeaderValue::try_from(format!("Bearer {token}")).map_err(invalid)?;
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        if operation.operation_id.starts_with("import_") {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/csv"));
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (url, password) = (env::var("SERVER_URL")?, env::var("SERVER_PASSWORD")?);
    let access = Access::default();
    let client = Client::new(&url, access.clone());

    let email = "rust@example.com";
    client.register().body_map(|body| body.email(email).password(password.as_str())).send().await?;
    let login = client
        .login()
        .body_map(|body| body.email(email).password(password.as_str()))
        .send()
        .await?;
    let old = login.into_inner().data.refresh_token;
    let renewed = client.refresh().body_map(|body| body.refresh_token(old)).send().await?;
    access.set(&renewed.data.access_token);

    for number in 0..5 {
        let title = format!("Rust {number}");
        let create = client.create_book().idempotency_key(format!("rust-{number}"));
        create.body_map(|body| body.title(title).author("Graydon").year(2015)).send().await?;
    }

    // A list is read to its end with cursors.
    let (mut books, mut cursor) = (Vec::new(), None);
    loop {
        let mut list = client.list_books().author("graydon").per_page(2);
        list = list.sort(ListBooksSort::Title).order(ListBooksOrder::Asc);
        if let Some(cursor) = cursor {
            list = list.cursor::<String>(cursor);
        }
        let page = list.send().await?.into_inner();
        books.extend(page.data);
        cursor = page.pagination.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let titles: Vec<_> = books.iter().map(|book| book.title.as_str()).collect();
    assert_eq!(titles, ["Rust 0", "Rust 1", "Rust 2", "Rust 3", "Rust 4"]);

    let id = books[0].id;
    let read = client.get_book().id(id).send().await?;
    let etag = read.headers()["etag"].to_str()?.to_owned();
    let patch = |year| BookPatch::builder().year(year);
    let change = |year| client.patch_book().id(id).if_match(etag.clone()).body(patch(year));
    assert_eq!(change(2008).send().await?.data.year, Some(2008));
    let Err(ClientError::ErrorResponse(conflict)) = change(2009).send().await else {
        return Err("no conflict".into());
    };
    assert_eq!(conflict.error.reason, "precondition_failed");

    let image = std::fs::read(env::var("COVER_FILE")?)?;
    let covered = client.replace_cover().id(id).body(image).send().await?;
    assert!(covered.data.cover.is_some());
    let cover = client.get_cover().id(id).send().await?.into_inner();
    assert!(collect(cover).await?.len() > 100);

    let admin =
        client.login().body_map(|body| body.email("admin@example.com").password(password.as_str()));
    access.set(&admin.send().await?.data.access_token);
    let rows = "title,author\nImported by Rust,Graydon\n,nobody\n";
    let report = client.import_books().body(rows).send().await?;
    assert_eq!((report.data.created, report.data.failed), (1, 1));
    let exported = client.export_books().send().await?.into_inner();
    assert!(String::from_utf8(collect(exported).await?)?.contains("Imported by Rust"));
    println!("Rust: progenitor works");
    Ok(())
}

/// Reads a file to its end. It arrives as a stream.
async fn collect(file: progenitor_client::ByteStream) -> Result<Vec<u8>, reqwest::Error> {
    file.into_inner()
        .try_fold(Vec::new(), async |mut all, chunk| {
            all.extend_from_slice(&chunk);
            Ok(all)
        })
        .await
}
