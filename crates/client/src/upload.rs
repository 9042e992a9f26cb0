use std::fmt;

use bytes::Bytes;
use futures_util::{Stream, TryStream, TryStreamExt};
use reqwest::header::{CONTENT_TYPE, ETAG};
use reqwest::{Body, Response};

use crate::Error;

/// A file to send: bytes, which are sent again if that is necessary, or a stream, which is sent once.
pub enum Upload {
    /// The whole file.
    Bytes(Bytes),
    /// A file that is not kept in memory.
    Stream(Body),
}

impl Upload {
    /// A file that is read while it is sent. For a file on disk, use `tokio_util::io::ReaderStream`.
    pub fn stream<S>(stream: S) -> Self
    where
        S: TryStream + Send + 'static,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        Bytes: From<S::Ok>,
    {
        Self::Stream(Body::wrap_stream(stream))
    }
}

impl<T: Into<Bytes>> From<T> for Upload {
    fn from(bytes: T) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Upload({} bytes)", bytes.len()),
            Self::Stream(_) => f.write_str("Upload(a stream)"),
        }
    }
}

/// A file that the server sends: a cover or an export. Its bytes are read as they arrive.
#[derive(Debug)]
pub struct Download(pub(crate) Response);

impl Download {
    /// The media type, such as `image/jpeg`.
    pub fn media_type(&self) -> Option<&str> {
        self.0.headers().get(CONTENT_TYPE)?.to_str().ok()
    }

    /// The entity tag of a cover.
    pub fn etag(&self) -> Option<&str> {
        self.0.headers().get(ETAG)?.to_str().ok()
    }

    /// The next bytes, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks, so a file that was cut short is never taken for a whole one.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        Ok(self.0.chunk().await?)
    }

    /// The whole file.
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks.
    pub async fn bytes(self) -> Result<Bytes, Error> {
        Ok(self.0.bytes().await?)
    }

    /// The bytes as a stream.
    pub fn stream(self) -> impl Stream<Item = Result<Bytes, Error>> {
        self.0.bytes_stream().map_err(Error::from)
    }
}
