//! The real program: `bookshelf serve` in a separate process, on a free port, with its own data
//! directory.

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
