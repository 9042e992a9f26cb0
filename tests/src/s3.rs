use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// The part of S3 that a store of covers needs, in memory and over HTTP. It accepts every signature.
pub struct FakeS3 {
    address: SocketAddr,
    objects: Objects,
}

impl FakeS3 {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let objects = Objects::default();
        let served = Arc::clone(&objects);
        // The thread ends with the process of the tests.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let objects = Arc::clone(&served);
                thread::spawn(move || serve(&stream, &objects));
            }
        });
        Self { address, objects }
    }

    /// The environment variables with its address and credentials.
    pub fn environment(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://{}", self.address);
        let variables = [
            ("AWS_ENDPOINT", endpoint.as_str()),
            ("AWS_REGION", "somewhere"),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret of the store"),
        ];
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    /// The keys of all objects, each with its bucket in front.
    pub fn keys(&self) -> Vec<String> {
        self.objects.lock().unwrap().keys().cloned().collect()
    }

    pub fn lose_everything(&self) {
        self.objects.lock().unwrap().clear();
    }
}

/// Answers one request after the other, until the client disconnects.
fn serve(stream: &TcpStream, objects: &Objects) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let request = line(&mut reader)?;
        let mut length = 0;
        let mut is_signed = false;
        loop {
            let header = line(&mut reader)?.to_ascii_lowercase();
            let Some((name, value)) = header.split_once(':') else { break };
            match name {
                "content-length" => length = value.trim().parse().ok()?,
                "authorization" => is_signed = value.trim().starts_with("aws4-hmac-sha256"),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let mut words = request.split(' ');
        let (method, target) = (words.next()?, words.next()?);
        let (status, answer) = match is_signed {
            true => answer(method, target, body, &mut objects.lock().unwrap()),
            false => (403, Vec::new()),
        };
        write(stream, status, &answer).ok()?;
    }
}

fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let read = reader.read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim_end().to_owned())
}

fn answer(
    method: &str,
    target: &str,
    body: Vec<u8>,
    objects: &mut BTreeMap<String, Vec<u8>>,
) -> (u16, Vec<u8>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let key = path.trim_start_matches('/');
    match method {
        "GET" if query.contains("list-type=2") => (200, list(key, query, objects).into()),
        "GET" => match objects.get(key) {
            Some(object) => (200, object.clone()),
            None => (404, b"<Error><Code>NoSuchKey</Code></Error>".to_vec()),
        },
        "PUT" => {
            objects.insert(key.to_owned(), body);
            (200, Vec::new())
        }
        "DELETE" => {
            objects.remove(key);
            (204, Vec::new())
        }
        _ => (405, Vec::new()),
    }
}

/// Lists up to three keys, so that even a test with few objects gets several pages.
fn list(bucket: &str, query: &str, objects: &BTreeMap<String, Vec<u8>>) -> String {
    let bucket = format!("{}/", bucket.trim_end_matches('/'));
    let parameter = |name: &str| {
        let found = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        found.unwrap_or_default().replace("%2F", "/")
    };
    let (prefix, after) = (parameter("prefix"), parameter("continuation-token"));
    let mut keys = objects
        .iter()
        .filter_map(|(key, object)| Some((key.strip_prefix(&bucket)?, object.len())))
        .filter(|(key, _)| key.starts_with(&prefix) && **key > *after);
    let mut text = String::from("<ListBucketResult>");
    let mut last = "";
    for (key, size) in keys.by_ref().take(3) {
        let about = "<LastModified>2026-11-21T06:11:08.000Z</LastModified><ETag>\"e\"</ETag>";
        write!(text, "<Contents><Key>{key}</Key><Size>{size}</Size>{about}</Contents>").unwrap();
        last = key;
    }
    if keys.next().is_some() {
        write!(text, "<NextContinuationToken>{last}</NextContinuationToken>").unwrap();
    }
    text + "</ListBucketResult>"
}

fn write(mut stream: &TcpStream, status: u16, body: &[u8]) -> io::Result<()> {
    let length =
        if status == 204 { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let dates = "ETag: \"e\"\r\nLast-Modified: Sat, 21 Nov 2026 06:11:08 GMT\r\n";
    stream.write_all(format!("HTTP/1.1 {status} Answer\r\n{length}{dates}\r\n").as_bytes())?;
    stream.write_all(body)
}
