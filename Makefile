# `make` alone lists what can be done.

.DEFAULT_GOAL := help
.PHONY: help run build test schemathesis browser proxy check fmt clippy dependency-rule deny compose-check openapi ci

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build the server and run it on 127.0.0.1:8080, with its data in ./data
	cargo run --release --locked --package bookshelf -- serve

build: ## Build the server: target/release/bookshelf
	cargo build --release --locked --package bookshelf

test: ## Run every test, with a PostgreSQL and a Redis of their own
	scripts/with-servers cargo test --locked --workspace

schemathesis: ## Try everything that the OpenAPI document promises on a running server
	scripts/schemathesis

browser: ## Test with Chromium what pages of other origins may read, and the documentation
	scripts/browser-test

proxy: ## Test the proxy's configuration with nginx, before instances that fail
	scripts/proxy-test

check: fmt clippy dependency-rule deny compose-check ## Everything that is checked without running it

fmt: ## Check the format of the code
	cargo fmt --all --check

clippy: ## Check the code for likely mistakes; every warning is an error
	cargo clippy --locked --workspace --all-targets -- -D warnings

dependency-rule: ## Check which crate depends on which
	scripts/dependency-rule

deny: ## Check the licences, origins and advisories of every dependency
	scripts/deny

compose-check: ## Validate docker-compose.yml and the proxy's configuration
	scripts/compose-check

openapi: ## Write the OpenAPI document to openapi.json
	cargo run --locked --package bookshelf -- openapi > openapi.json

ci: ## What continuous integration runs: all of the above that check or test
	.ci/run
