//! Tests of the whole HTTP interface over mocked ports.

mod accounts;
mod bodies;
mod books;
mod cors;
mod covers;
mod document;
mod errors;
mod exchange;
mod limits;
mod lists;
mod support;
mod transfers;
mod views;
mod wire;
