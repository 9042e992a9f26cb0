//! What each request with an access token computes before it asks the database.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::hint::black_box;

use bookshelf_domain::Timestamp;
use bookshelf_domain::accounts::{AccessClaims, AccessTokens, Role, SessionId, UserId};
use bookshelf_infrastructure::accounts::{JwtAccessTokens, JwtSecret};
use criterion::{Criterion, criterion_group, criterion_main};

fn access_tokens(criterion: &mut Criterion) {
    let tokens = JwtAccessTokens::hs256(&JwtSecret::new([7; 32]).unwrap()).unwrap();
    let now: Timestamp = "2026-11-21T06:11:08Z".parse().unwrap();
    let claims = AccessClaims {
        user: UserId::new(1),
        session: SessionId::new(2),
        role: Role::User,
        epoch: 0,
        id: "0193501d-6f4c-7000-8000-000000000000".to_owned(),
        issued_at: now,
        expires_at: "2026-11-21T06:26:08Z".parse().unwrap(),
    };
    let token = tokens.sign(&claims).unwrap();
    criterion.bench_function("check of an access token, HS256", |bencher| {
        bencher.iter(|| tokens.verify(black_box(&token), now));
    });
}

criterion_group!(benches, access_tokens);
criterion_main!(benches);
