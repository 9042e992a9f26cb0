//! The real program as its users meet it: `bookshelf serve` in a process of its own, on a free
//! port, with a data directory of its own.

mod answer;
mod client;
mod database;
mod program;
mod server;
mod wire;

pub use answer::Answer;
pub use client::{Client, Login, Request};
pub use database::on_postgres;
pub use program::{Output, Program};
pub use server::App;
pub use wire::Wire;
