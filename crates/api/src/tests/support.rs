use std::sync::Arc;
use std::time::Duration;

use actix_web::body::to_bytes;
use actix_web::dev::Service;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::{Bytes, Data};
use bookshelf_application::accounts::SessionLimits;
use bookshelf_application::{AccessRules, UseCases};
use bookshelf_domain::accounts::{
    AccessClaims, AccessTokenError, Email, MockAccessTokens, MockPasswordHasher,
    MockSessionRepository, MockUserRepository, Role, Session, SessionId, SessionUser, User, UserId,
};
use bookshelf_domain::api_keys::MockApiKeyRepository;
use bookshelf_domain::books::{
    Author, Book, BookFields, BookId, Isbn, MockBookReader, MockBookRepository, RatingSummary,
    Title, Year,
};
use bookshelf_domain::covers::{MockCoverCodec, MockCoverStore};
use bookshelf_domain::invites::MockInviteRepository;
use bookshelf_domain::limits::MockRateLimiter;
use bookshelf_domain::shelves::MockShelfRepository;
use bookshelf_domain::{
    MockClock, MockIdempotencyRepository, MockRandom, Repositories, Timestamp, Version,
};
use chrono::TimeDelta;
use serde_json::Value;

use crate::{
    App, Context, CorsOrigins, Limits, LogAddress, Quotas, Settings, SlowReads, Transfers,
    TrustedProxies, configure, wrap,
};

pub(super) fn now() -> Timestamp {
    "2026-11-21T06:11:08.123456Z".parse().unwrap()
}

/// What a test can prepare. A port without expectations must not be called.
pub(super) struct Setup {
    pub(super) reader: MockBookReader,
    pub(super) books: MockBookRepository,
    pub(super) shelves: MockShelfRepository,
    pub(super) cover_store: MockCoverStore,
    pub(super) cover_codec: MockCoverCodec,
    pub(super) users: MockUserRepository,
    pub(super) sessions: MockSessionRepository,
    pub(super) api_keys: MockApiKeyRepository,
    pub(super) invites: MockInviteRepository,
    pub(super) rules: AccessRules,
    pub(super) hasher: MockPasswordHasher,
    pub(super) settings: Settings,
    pub(super) limiter: MockRateLimiter,
    pub(super) quotas: Quotas,
    pub(super) trusted_proxies: TrustedProxies,
    pub(super) ready: bool,
}

impl Setup {
    /// The tokens `user` and `admin` are valid. The tokens `revoked` and `expired` are refused as
    /// their names say.
    pub(super) fn new() -> Self {
        let mut sessions = MockSessionRepository::new();
        sessions.expect_find().returning(|id| {
            let id = id.get();
            let role = if id == 2 { Role::Admin } else { Role::User };
            Ok((id < 9).then(|| SessionUser { session: session(id), user: user(role) }))
        });
        Self {
            reader: MockBookReader::new(),
            books: MockBookRepository::new(),
            shelves: MockShelfRepository::new(),
            cover_store: MockCoverStore::new(),
            cover_codec: MockCoverCodec::new(),
            users: MockUserRepository::new(),
            sessions,
            api_keys: MockApiKeyRepository::new(),
            invites: MockInviteRepository::new(),
            rules: AccessRules::default(),
            hasher: MockPasswordHasher::new(),
            limiter: MockRateLimiter::new(),
            quotas: Quotas::default(),
            trusted_proxies: TrustedProxies::default(),
            settings: Settings {
                require_if_match: false,
                hsts: true,
                log_address: LogAddress::Full,
                cors_origins: CorsOrigins::None,
                body_timeout: Duration::from_secs(30),
                json_bytes: 256 * 1024,
                json_depth: 32,
                request_timeout: Duration::from_secs(60),
                import_timeout: Duration::from_secs(60),
            },
            ready: true,
        }
    }

    pub(super) fn reader(prepare: impl FnOnce(&mut MockBookReader)) -> Self {
        let mut setup = Self::new();
        prepare(&mut setup.reader);
        setup
    }

    pub(super) fn books(prepare: impl FnOnce(&mut MockBookRepository)) -> Self {
        let mut setup = Self::new();
        prepare(&mut setup.books);
        setup
    }

    pub(super) fn into_data(self) -> (Data<App>, Data<Context>) {
        let mut clock = MockClock::new();
        clock.expect_now().returning(now);
        let clock = Arc::new(clock);
        let mut random = MockRandom::new();
        random.expect_fill().returning(|bytes| bytes.fill(7));
        let mut tokens = MockAccessTokens::new();
        tokens.expect_verify().returning(|token, _| verify(token));
        tokens.expect_sign().returning(|_| Ok("signed".to_owned()));
        let repositories = Repositories {
            book_reader: Arc::new(self.reader),
            books: Arc::new(self.books),
            users: Arc::new(self.users),
            sessions: Arc::new(self.sessions),
            api_keys: Arc::new(self.api_keys),
            invites: Arc::new(self.invites),
            shelves: Arc::new(self.shelves),
            idempotency: Arc::new(MockIdempotencyRepository::new()),
        };
        let use_cases = UseCases::new(repositories, clock.clone(), Arc::new(random), self.rules);
        let limits = SessionLimits {
            access_token: TimeDelta::minutes(15),
            refresh_idle: TimeDelta::days(14),
            refresh_total: TimeDelta::days(30),
            reuse_grace: TimeDelta::seconds(10),
        };
        let ready = self.ready;
        let accounts = use_cases.accounts(Arc::new(self.hasher), Arc::new(tokens), limits);
        let context = Context {
            accounts: accounts.clone(),
            api_keys: use_cases.api_keys(),
            limits: Limits { limiter: Arc::new(self.limiter), clock, quotas: self.quotas },
            trusted_proxies: self.trusted_proxies,
            settings: self.settings,
        };
        let app = App {
            books: use_cases.books(),
            public_books: use_cases.books(),
            covers: use_cases.covers(Arc::new(self.cover_store), Arc::new(self.cover_codec)),
            accounts,
            api_keys: use_cases.api_keys(),
            invites: use_cases.invites(),
            transfers: Transfers::new(use_cases.transfer(), use_cases.histories()),
            shelves: use_cases.shelves(),
            slow_reads: SlowReads::new(8),
            jwks: Bytes::from_static(b"{\"keys\":[]}"),
            readiness: Box::new(move || Box::pin(async move { ready })),
        };
        (Data::new(app), Data::new(context))
    }

    /// The body of a response, or the error that ended it.
    pub(super) async fn body_of(
        self,
        request: TestRequest,
    ) -> Result<Bytes, Box<dyn std::error::Error>> {
        let (app, context) = self.into_data();
        let app = wrap(actix_web::App::new()).configure(|config| configure(config, app, context));
        let service = init_service(app).await;
        let response = service.call(request.to_request()).await.unwrap();
        to_bytes(response.into_body()).await
    }

    /// The response of the whole application.
    pub(super) async fn call(self, request: TestRequest) -> Answer {
        let (app, context) = self.into_data();
        let app = wrap(actix_web::App::new())
            .route("/api/v1/panic", actix_web::web::get().to(panics))
            .configure(|config| configure(config, app, context));
        let service = init_service(app).await;
        let (status, headers, body) = match service.call(request.to_request()).await {
            Ok(response) => {
                let (_, response) = response.into_parts();
                (response.status(), response.headers().clone(), response.into_body())
            }
            Err(error) => {
                let response = error.error_response();
                (response.status(), response.headers().clone(), response.into_body())
            }
        };
        Answer { status, headers, body: to_bytes(body).await.unwrap() }
    }
}

pub(super) async fn panics() -> &'static str {
    panic!("internal secret")
}

fn verify(token: &str) -> Result<AccessClaims, AccessTokenError> {
    let (session, role) = match token {
        "user" => (1, Role::User),
        "admin" => (2, Role::Admin),
        "revoked" => (9, Role::User),
        "expired" => return Err(AccessTokenError::Expired),
        _ => return Err(AccessTokenError::Invalid("internal secret".to_owned())),
    };
    Ok(AccessClaims {
        user: UserId::new(3),
        session: SessionId::new(session),
        role,
        epoch: 1,
        id: "jti".to_owned(),
        issued_at: now(),
        expires_at: now() + TimeDelta::minutes(15),
    })
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Asserts an error in the envelope and returns its member `error`.
    pub(super) fn error(&self, code: u16, reason: &str) -> Value {
        let body = self.json();
        assert_eq!(self.status.as_u16(), code, "{body}");
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(body["success"], false);
        assert_eq!(body["error"]["code"], code);
        assert_eq!(body["error"]["reason"], reason, "{body}");
        assert_eq!(body["error"]["request_id"], self.header("x-request-id"));
        assert!(!body.to_string().contains("internal secret"), "{body}");
        body["error"].clone()
    }

    /// The fields that a 422 names.
    pub(super) fn faults(&self) -> Vec<String> {
        let error = self.error(422, "validation_failed");
        error["details"].as_object().unwrap().keys().cloned().collect()
    }
}

pub(super) fn get(uri: &str) -> TestRequest {
    TestRequest::get().uri(uri)
}

pub(super) trait RequestExt {
    fn bearing(self, token: &str) -> Self;
    fn json(self, body: &str) -> Self;
}

impl RequestExt for TestRequest {
    fn bearing(self, token: &str) -> Self {
        self.insert_header((AUTHORIZATION, format!("Bearer {token}")))
    }

    fn json(self, body: &str) -> Self {
        self.insert_header(("content-type", "application/json")).set_payload(body.to_owned())
    }
}

pub(super) fn user(role: Role) -> User {
    User {
        id: UserId::new(3),
        email: Email::parse("ann@example.com").unwrap(),
        username: None,
        name: None,
        role,
        access_epoch: 1,
        version: Version::new(4),
        created_at: now(),
        updated_at: now(),
    }
}

pub(super) fn session(id: i64) -> Session {
    Session {
        id: SessionId::new(id),
        user_id: UserId::new(3),
        user_agent: Some("test".to_owned()),
        address: None,
        created_at: now(),
        last_used_at: now(),
        idle_until: now() + TimeDelta::days(14),
        expires_at: now() + TimeDelta::days(30),
        ended_at: None,
    }
}

pub(super) fn book(id: i64) -> Book {
    Book {
        id: BookId::new(id),
        fields: BookFields {
            title: Title::parse("Clean Code").unwrap(),
            author: Author::parse("Robert C. Martin").unwrap(),
            isbn: Some(Isbn::parse("0132350882").unwrap()),
            genre: None,
            year: Some(Year::stored(2008)),
            description: None,
        },
        rating: RatingSummary { sum: 9, count: 2 },
        cover: None,
        version: Version::new(7),
        created_at: now(),
        updated_at: now(),
    }
}
