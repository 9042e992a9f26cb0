# `make` alone lists the targets.

.DEFAULT_GOAL := help
.PHONY: $(shell awk -F ':.*\#\# ' '/^[a-z-]+:.*\#\# / { print $$1 }' $(MAKEFILE_LIST))

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build the server and run it on 127.0.0.1:8080, with its data in ./data
	cargo run --release --locked --package bookshelf -- serve

build: ## Build the server: target/release/bookshelf
	cargo build --release --locked --package bookshelf

test: ## Run all tests, with their own PostgreSQL and Redis if these are installed
	scripts/with-servers cargo test --locked --workspace

test-otlp: ## Test the spans that a server with the feature otlp sends
	cargo test --locked --workspace --features bookshelf/otlp --test otlp

bare-debian: ## Run make run and make test in a fresh minimal Debian 12 (as root)
	scripts/bare-debian

schemathesis: ## Test a running server against its OpenAPI document
	scripts/schemathesis

browser: ## Test CORS and Swagger UI in Chromium
	scripts/browser-test

proxy: ## Test the configuration of nginx with instances that fail
	scripts/proxy-test

abuse: build ## Let one hostile user send costly requests of every kind while another user reads
	PYTHONPATH=scripts python3 -m abuse --program $${CARGO_TARGET_DIR:-target}/release/bookshelf

deployment: build ## Run docker-compose.yml without containers and put it through failures (as root)
	PYTHONPATH=scripts python3 -m deployment --program $${CARGO_TARGET_DIR:-target}/release/bookshelf $(OPTIONS)

SECONDS_EACH ?= 60

fuzz: ## Feed random input to everything that reads what clients send; SECONDS_EACH=60 for each target
	scripts/fuzz $(SECONDS_EACH)

deb: ## Build the Debian package in target/deb
	scripts/deb

ROUNDS ?= 50

upgrade: build ## Hold the program of the previous version against the schema of this one
	PYTHONPATH=scripts scripts/with-servers python3 -m upgrade \
	  --program $${CARGO_TARGET_DIR:-target}/release/bookshelf $(OPTIONS)

patience: build ## Send a million requests and let thousands of clients take their time
	PYTHONPATH=scripts python3 -m patience --program $${CARGO_TARGET_DIR:-target}/release/bookshelf $(OPTIONS)

durability: ## Kill the server and its database while clients write; ROUNDS=50 times each
	DURABILITY_ROUNDS=$(ROUNDS) scripts/with-servers cargo test --locked --package bookshelf-tests \
	  --test http --test http_postgres durability -- --nocapture

faults: build ## Fill the disk of a server (as root, or with user namespaces)
	scripts/faults $${CARGO_TARGET_DIR:-target}/release/bookshelf

check: fmt clippy dependency-rule deny compose-check metrics-check openapi-check ## Run all checks that do not run the server

fmt: ## Check the formatting of the code
	cargo fmt --all --check

clippy: ## Check the code for likely mistakes; every warning is an error
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo clippy --locked --workspace --features bookshelf/otlp --lib --bins --test otlp -- -D warnings

dependency-rule: ## Check that each crate depends only on the crates that it may use
	scripts/dependency-rule

deny: ## Check the licences, sources and advisories of all dependencies
	scripts/deny

compose-check: ## Validate docker-compose.yml, the Dockerfile and the configuration of nginx
	scripts/compose-check

metrics-check: ## Check the alerts and the dashboard against the documented metrics
	scripts/metrics-check

openapi: ## Write the OpenAPI documents to docs/openapi
	cargo build --locked --package bookshelf
	$${CARGO_TARGET_DIR:-target}/debug/bookshelf openapi > docs/openapi/openapi.json
	$${CARGO_TARGET_DIR:-target}/debug/bookshelf openapi --3.0 > docs/openapi/openapi-3.0.json

generated-clients: ## Generate clients and let them use a real server; OPTIONS='python' selects some
	scripts/generated-clients $(OPTIONS)

openapi-check: ## Validate the OpenAPI documents, and check that they break no clients
	scripts/openapi-check

bench: ## Measure the server beside what it can be compared with; OPTIONS='--help' lists the options
	bench/run.py $(OPTIONS)

bench-functions: ## Measure what the server computes within a request, with Criterion
	cargo bench --locked --package bookshelf-domain --package bookshelf-infrastructure \
	  --package bookshelf-api --bench '*'

profile: ## Draw a flame graph of the server under load; OPTIONS='--help' lists the options
	bench/profile.py $(OPTIONS)

ci: ## Run everything that continuous integration runs
	.ci/run
