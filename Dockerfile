# syntax=docker/dockerfile:1

# Nothing here names an architecture, and both base images exist for amd64 and arm64. So this file
# builds for the machine that builds it, or for several with
# `docker buildx build --platform linux/amd64,linux/arm64`: each one natively, or emulated.

FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /src

# This layer contains the built dependencies, which change less often than the code. So only the
# manifests are copied here, and each crate is empty.
COPY Cargo.toml Cargo.lock ./
COPY .cargo/config.toml .cargo/
COPY crates/domain/Cargo.toml crates/domain/
COPY crates/application/Cargo.toml crates/application/
COPY crates/infrastructure/Cargo.toml crates/infrastructure/
COPY crates/api/Cargo.toml crates/api/
COPY crates/client/Cargo.toml crates/client/
COPY crates/contract/Cargo.toml crates/contract/
COPY crates/memory/Cargo.toml crates/memory/
COPY crates/metrics/Cargo.toml crates/metrics/
COPY crates/server/Cargo.toml crates/server/
COPY crates/sqlite-interrupt/Cargo.toml crates/sqlite-interrupt/
COPY examples/axum-service/Cargo.toml examples/axum-service/
COPY examples/mocked-ports/Cargo.toml examples/mocked-ports/
COPY examples/reading-list/Cargo.toml examples/reading-list/
COPY tests/Cargo.toml tests/
RUN for crate in crates/* examples/* tests; do mkdir "$crate/src"; touch "$crate/src/lib.rs"; done \
    && rm crates/server/src/lib.rs \
    && echo 'fn main() {}' >crates/server/src/main.rs \
    && cargo build --release --locked --package bookshelf

# Cargo must see that the code is newer than the empty crates, so the files get the current time.
COPY migrations migrations
COPY crates crates
RUN find crates -name '*.rs' -exec touch {} + \
    && cargo build --release --locked --package bookshelf
RUN mkdir -m 0700 /data /covers

# This image has no shell and no package manager. It runs as the user nonroot, whose id is 65532.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/target/release/bookshelf /usr/local/bin/
COPY --from=build --chown=65532:65532 /data /data
COPY --from=build --chown=65532:65532 /covers /covers
ENV BOOKSHELF_DATA_DIR=/data BOOKSHELF_LISTEN=0.0.0.0:8080
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["/usr/local/bin/bookshelf", "health"]
ENTRYPOINT ["/usr/local/bin/bookshelf"]
