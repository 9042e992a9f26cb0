//! A collector of OpenTelemetry that keeps what it gets.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use crate::server::PATIENCE;

pub(crate) struct Collector {
    address: SocketAddr,
    batches: Receiver<Batch>,
}

/// A request to the collector.
pub(crate) struct Batch {
    /// The head of the request, in lower case.
    pub(crate) head: String,
    content: ExportTraceServiceRequest,
}

impl Collector {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, batches) = mpsc::channel();
        thread::spawn(move || {
            for connection in listener.incoming() {
                let batch = Batch::read(&connection.unwrap()).unwrap();
                sender.send(batch).unwrap();
            }
        });
        Self { address, batches }
    }

    /// The variable that names the collector.
    pub(crate) fn variable(&self) -> String {
        format!("OTEL_EXPORTER_OTLP_ENDPOINT=http://{}", self.address)
    }

    /// The next batch.
    pub(crate) fn batch(&self) -> Batch {
        self.batches.recv_timeout(PATIENCE).unwrap()
    }

    /// The spans that have arrived since.
    pub(crate) fn spans(&self) -> Vec<Span> {
        self.batches.try_iter().flat_map(Batch::spans).collect()
    }
}

impl Batch {
    /// Answers with success and closes the connection without notice, as a collector that restarts does.
    fn read(connection: &TcpStream) -> io::Result<Self> {
        let mut reader = BufReader::new(connection);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            reader.read_line(&mut head)?;
        }
        head.make_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        reader.read_exact(&mut body)?;
        let content = ExportTraceServiceRequest::decode(body.as_slice())?;
        reader.into_inner().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
        Ok(Self { head, content })
    }

    /// What the batch says about the process.
    pub(crate) fn resource(&self, name: &str) -> Option<String> {
        text(&self.content.resource_spans[0].resource.as_ref().unwrap().attributes, name)
    }

    pub(crate) fn spans(self) -> Vec<Span> {
        let resources = self.content.resource_spans.into_iter();
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }
}

/// The value of an attribute.
pub(crate) fn text(attributes: &[KeyValue], name: &str) -> Option<String> {
    let attribute = attributes.iter().find(|attribute| attribute.key == name)?;
    match attribute.value.clone()?.value? {
        Value::StringValue(text) => Some(text),
        Value::IntValue(number) => Some(number.to_string()),
        other => panic!("{other:?}"),
    }
}
