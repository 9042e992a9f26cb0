mod codec;
mod store;
