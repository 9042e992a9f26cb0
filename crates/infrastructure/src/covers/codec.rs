use std::io;

use async_trait::async_trait;
use bookshelf_domain::covers::{CoverCodec, CoverCodecError, CoverImages};

use super::pixels;
use crate::background::{Background, BackgroundError};

/// One thread reads one image at a time, because the largest image takes nearly 200 MiB of memory.
const THREADS: usize = 1;
/// The number of uploads that may wait, each with up to 5 MiB.
const QUEUE: usize = 8;

/// Encodes covers with the crate `image`, on a thread of its own.
pub struct ImageCoverCodec {
    thread: Background,
}

impl ImageCoverCodec {
    pub fn new() -> io::Result<Self> {
        Self::with_queue(QUEUE)
    }

    fn with_queue(queue: usize) -> io::Result<Self> {
        Ok(Self { thread: Background::new("covers", THREADS, queue)? })
    }
}

#[async_trait]
impl CoverCodec for ImageCoverCodec {
    async fn encode(&self, upload: Vec<u8>) -> Result<CoverImages, CoverCodecError> {
        self.thread.run(move || pixels::encode(&upload)).await.map_err(|error| match error {
            BackgroundError::Busy => CoverCodecError::Busy,
            BackgroundError::Failed => CoverCodecError::Unexpected(error.into()),
        })?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test]
    async fn a_full_queue_is_busy_until_it_has_room() {
        let codec = Arc::new(ImageCoverCodec::with_queue(1).unwrap());
        let mut asked = Vec::new();
        for _ in 0..8 {
            let codec = Arc::clone(&codec);
            asked.push(tokio::spawn(async move { codec.encode(b"no image".to_vec()).await }));
        }
        let mut outcomes = Vec::new();
        for task in asked {
            outcomes.push(task.await.unwrap());
        }
        let busy = |outcome: &Result<_, _>| matches!(outcome, Err(CoverCodecError::Busy));
        assert!(outcomes.iter().any(busy), "{outcomes:?}");
        assert!(!outcomes.iter().all(busy), "{outcomes:?}");
        let outcome = codec.encode(b"no image".to_vec()).await;
        assert!(matches!(outcome, Err(CoverCodecError::UnsupportedFormat(_))), "{outcome:?}");
    }
}
