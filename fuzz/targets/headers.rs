//! Any bytes can be the values of `Accept`, `If-Match`, `If-None-Match`, `Forwarded` and
//! `X-Forwarded-For`.
#![no_main]

use std::sync::LazyLock;

use bookshelf_api::{TrustedProxies, fuzzing};
use ipnet::IpNet;
use libfuzzer_sys::fuzz_target;

static PROXIES: LazyLock<TrustedProxies> =
    LazyLock::new(|| TrustedProxies::new(vec![IpNet::from(std::net::IpAddr::from([127, 0, 0, 1]))]));

fuzz_target!(|bytes: &[u8]| fuzzing::header_lines(bytes, &PROXIES));
