use std::sync::Arc;
use std::time::Duration;

use actix_web::body::to_bytes;
use actix_web::dev::Service;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::{Bytes, Data};
use bookshelf_application::Retries;
use bookshelf_application::accounts::{AccountPorts, Accounts, SessionLimits};
use bookshelf_application::api_keys::ApiKeys;
use bookshelf_application::books::Books;
use bookshelf_application::covers::Covers;
use bookshelf_application::shelves::Shelves;
use bookshelf_application::transfer::Transfer;
use bookshelf_application::transfer::histories::Histories;
use bookshelf_domain::accounts::{
    AccessClaims, AccessTokenError, Email, MockAccessTokens, MockPasswordHasher,
    MockSessionRepository, MockUserRepository, Role, Session, SessionUser, User,
};
use bookshelf_domain::api_keys::MockApiKeyRepository;
use bookshelf_domain::books::{
    Author, Book, BookFields, BookRepository, Isbn, MockBookRepository, RatingSummary, Title, Year,
};
use bookshelf_domain::covers::{MockCoverCodec, MockCoverStore};
use bookshelf_domain::limits::MockRateLimiter;
use bookshelf_domain::shelves::{MockShelfRepository, ShelfRepository};
use bookshelf_domain::{MockAnswerRepository, MockClock, MockRandom, Timestamp};
use chrono::TimeDelta;
use serde_json::Value;

use crate::{
    App, CorsOrigins, Limits, Quotas, Settings, Transfers, TrustedProxies, configure, wrap,
};

pub(super) fn now() -> Timestamp {
    "2026-11-21T06:11:08.123456Z".parse().unwrap()
}

/// What a test can prepare; ports that nothing was said about must not be called.
pub(super) struct Setup {
    pub(super) books: MockBookRepository,
    pub(super) shelves: MockShelfRepository,
    pub(super) cover_store: MockCoverStore,
    pub(super) cover_codec: MockCoverCodec,
    pub(super) users: MockUserRepository,
    pub(super) sessions: MockSessionRepository,
    pub(super) api_keys: MockApiKeyRepository,
    pub(super) hasher: MockPasswordHasher,
    pub(super) settings: Settings,
    pub(super) limiter: MockRateLimiter,
    pub(super) quotas: Quotas,
    pub(super) trusted_proxies: TrustedProxies,
    pub(super) ready: bool,
}

impl Setup {
    /// The tokens `user` and `admin` are good, `revoked` and `expired` are what they say.
    pub(super) fn new() -> Self {
        let mut sessions = MockSessionRepository::new();
        sessions.expect_find().returning(|id| {
            let role = if id == 2 { Role::Admin } else { Role::User };
            Ok((id < 9).then(|| SessionUser { session: session(id), user: user(role) }))
        });
        Self {
            books: MockBookRepository::new(),
            shelves: MockShelfRepository::new(),
            cover_store: MockCoverStore::new(),
            cover_codec: MockCoverCodec::new(),
            users: MockUserRepository::new(),
            sessions,
            api_keys: MockApiKeyRepository::new(),
            hasher: MockPasswordHasher::new(),
            limiter: MockRateLimiter::new(),
            quotas: Quotas::default(),
            trusted_proxies: TrustedProxies::default(),
            settings: Settings {
                require_if_match: false,
                hsts: true,
                cors_origins: CorsOrigins::None,
                body_timeout: Duration::from_secs(30),
                json_bytes: 256 * 1024,
                json_depth: 32,
                request_timeout: Duration::from_secs(60),
            },
            ready: true,
        }
    }

    pub(super) fn books(prepare: impl FnOnce(&mut MockBookRepository)) -> Self {
        let mut setup = Self::new();
        prepare(&mut setup.books);
        setup
    }

    pub(super) fn into_app(self) -> App {
        let mut clock = MockClock::new();
        clock.expect_now().returning(now);
        let clock = Arc::new(clock);
        let mut random = MockRandom::new();
        random.expect_fill().returning(|bytes| bytes.fill(7));
        let mut tokens = MockAccessTokens::new();
        tokens.expect_verify().returning(|token, _| verify(token));
        tokens.expect_sign().returning(|_| Ok("signed".to_owned()));
        let random = Arc::new(random);
        let mut answers = MockAnswerRepository::new();
        answers.expect_find().returning(|_, _, _| Ok(None));
        let retries = Retries::new(Arc::new(answers), clock.clone(), random.clone());
        let ports = AccountPorts {
            users: Arc::new(self.users),
            sessions: Arc::new(self.sessions),
            hasher: Arc::new(self.hasher),
            tokens: Arc::new(tokens),
            clock: clock.clone(),
            random: random.clone(),
            retries: retries.clone(),
        };
        let limits = SessionLimits {
            access_token: TimeDelta::minutes(15),
            refresh_idle: TimeDelta::days(14),
            refresh_total: TimeDelta::days(30),
            reuse_grace: TimeDelta::seconds(10),
        };
        let ready = self.ready;
        let books: Arc<dyn BookRepository> = Arc::new(self.books);
        let shelves: Arc<dyn ShelfRepository> = Arc::new(self.shelves);
        let catalogue = Books::new(books.clone(), clock.clone(), retries.clone());
        let (store, codec) = (Arc::new(self.cover_store), Arc::new(self.cover_codec));
        App {
            covers: Covers::new(books.clone(), store, codec, clock.clone()),
            public_books: catalogue.clone(),
            books: catalogue,
            transfers: Transfers::new(
                Transfer::new(books, clock.clone()),
                Histories::new(shelves.clone(), clock.clone()),
            ),
            shelves: Shelves::new(shelves, clock.clone(), retries.clone()),
            jwks: Bytes::from_static(b"{\"keys\":[]}"),
            api_keys: ApiKeys::new(Arc::new(self.api_keys), clock.clone(), random, retries),
            accounts: Accounts::new(ports, limits),
            settings: self.settings,
            limits: Limits { limiter: Arc::new(self.limiter), clock, quotas: self.quotas },
            trusted_proxies: self.trusted_proxies,
            readiness: Box::new(move || Box::pin(async move { ready })),
        }
    }

    /// The body of an answer, or why it did not come to its end.
    pub(super) async fn body_of(
        self,
        request: TestRequest,
    ) -> Result<Bytes, Box<dyn std::error::Error>> {
        let app = Data::new(self.into_app());
        let app = wrap(actix_web::App::new()).configure(|config| configure(config, app));
        let service = init_service(app).await;
        let response = service.call(request.to_request()).await.unwrap();
        to_bytes(response.into_body()).await
    }

    /// What the whole application answers.
    pub(super) async fn call(self, request: TestRequest) -> Answer {
        let app = Data::new(self.into_app());
        let app = wrap(actix_web::App::new())
            .route("/api/v1/panic", actix_web::web::get().to(panics))
            .configure(|config| configure(config, app));
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
    panic!("secret of the inside")
}

fn verify(token: &str) -> Result<AccessClaims, AccessTokenError> {
    let (session, role) = match token {
        "user" => (1, Role::User),
        "admin" => (2, Role::Admin),
        "revoked" => (9, Role::User),
        "expired" => return Err(AccessTokenError::Expired),
        _ => return Err(AccessTokenError::Invalid("secret of the inside".to_owned())),
    };
    Ok(AccessClaims {
        user: 3,
        session,
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

    /// Asserts an error in the envelope and gives its inside.
    pub(super) fn error(&self, code: u16, reason: &str) -> Value {
        let body = self.json();
        assert_eq!(self.status.as_u16(), code, "{body}");
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(body["success"], false);
        assert_eq!(body["error"]["code"], code);
        assert_eq!(body["error"]["reason"], reason, "{body}");
        assert_eq!(body["error"]["request_id"], self.header("x-request-id"));
        assert!(!body.to_string().contains("secret of the inside"), "{body}");
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

pub(super) trait As {
    fn bearing(self, token: &str) -> Self;
    fn json(self, body: &str) -> Self;
}

impl As for TestRequest {
    fn bearing(self, token: &str) -> Self {
        self.insert_header((AUTHORIZATION, format!("Bearer {token}")))
    }

    fn json(self, body: &str) -> Self {
        self.insert_header(("content-type", "application/json")).set_payload(body.to_owned())
    }
}

pub(super) fn user(role: Role) -> User {
    User {
        id: 3,
        email: Email::parse("ann@example.com").unwrap(),
        username: None,
        name: None,
        role,
        access_epoch: 1,
        version: 4,
        created_at: now(),
        updated_at: now(),
    }
}

pub(super) fn session(id: i64) -> Session {
    Session {
        id,
        user_id: 3,
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
        id,
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
        version: 7,
        created_at: now(),
        updated_at: now(),
    }
}
