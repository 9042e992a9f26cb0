use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A proxy that passes requests on and loses the first responses: it closes the connection of the
/// client when they arrive.
pub(crate) struct Lossy {
    pub(crate) url: String,
    lost: Arc<AtomicUsize>,
}

impl Lossy {
    /// Starts a proxy in front of this server. It loses so many responses.
    pub(crate) fn new(server: &str, to_lose: usize) -> Self {
        let server = server.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let lost = Arc::new(AtomicUsize::new(0));
        let count = lost.clone();
        // The thread ends with the process.
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server, count) = (client.unwrap(), server.clone(), count.clone());
                thread::spawn(move || pass(&client, &server, &count, to_lose));
            }
        });
        Self { url, lost }
    }

    pub(crate) fn lost(&self) -> usize {
        self.lost.load(Ordering::SeqCst)
    }
}

fn pass(mut client: &TcpStream, server: &str, lost: &AtomicUsize, to_lose: usize) {
    let mut server = TcpStream::connect(server).unwrap();
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || {
        // Fails when the connection is closed on either side.
        let _: io::Result<u64> = io::copy(&mut from, &mut to);
        let _: io::Result<()> = to.shutdown(Shutdown::Both);
    });
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = server.read(&mut buffer) {
        if lost.load(Ordering::SeqCst) < to_lose {
            lost.fetch_add(1, Ordering::SeqCst);
            break;
        }
        if client.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _: io::Result<()> = client.shutdown(Shutdown::Both);
}
