use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use ureq::http::{HeaderMap, HeaderName, HeaderValue};

use super::Answer;

/// A bare connection, on which a test sends any bytes.
pub struct Wire {
    stream: BufReader<TcpStream>,
}

impl Wire {
    pub(super) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    /// Sends these bytes. That the server may close the connection meanwhile is no error.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _: std::io::Result<()> = self.stream.get_mut().write_all(bytes.as_ref());
    }

    /// Sends these bytes on another thread, so that the test can read responses meanwhile.
    pub fn send_meanwhile(&self, bytes: impl AsRef<[u8]> + Send + 'static) {
        let mut stream = self.stream.get_ref().try_clone().unwrap();
        // As in `send`, the server may close the connection.
        thread::spawn(move || drop(stream.write_all(bytes.as_ref())));
    }

    /// Closes the sending side of the connection.
    pub fn finish_sending(&mut self) {
        self.stream.get_ref().shutdown(Shutdown::Write).unwrap();
    }

    /// Reads the next response, which must not be one to HEAD.
    pub fn answer(&mut self) -> Answer {
        let mut answer = self.head();
        let length = answer.header("content-length").parse().unwrap_or(0);
        answer.body = vec![0; length];
        self.stream.read_exact(&mut answer.body).unwrap();
        answer
    }

    /// Reads the next response if it begins within a second.
    pub fn answer_within_a_second(&mut self) -> Option<Answer> {
        let wait = |stream: &TcpStream, seconds| {
            stream.set_read_timeout(Some(Duration::from_secs(seconds))).unwrap();
        };
        wait(self.stream.get_ref(), 1);
        let begun = self.stream.fill_buf().is_ok_and(|bytes| !bytes.is_empty());
        wait(self.stream.get_ref(), 60);
        begun.then(|| self.answer())
    }

    /// Reads the head of the next response.
    pub fn head(&mut self) -> Answer {
        let status = self.line();
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut headers = HeaderMap::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else { break };
            let name = HeaderName::try_from(name).unwrap();
            headers.append(name, HeaderValue::try_from(value.trim()).unwrap());
        }
        Answer { status: status.unwrap(), headers, body: Vec::new() }
    }

    /// Reads everything until the server closes the connection.
    pub fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        // If the connection is cut, the bytes before the cut are the result.
        let _: std::io::Result<usize> = self.stream.read_to_end(&mut rest);
        String::from_utf8_lossy(&rest).into_owned()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the server has closed the connection");
        line.trim_end().to_owned()
    }
}
