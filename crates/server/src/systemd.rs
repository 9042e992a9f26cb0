//! What a service manager passes to the server and learns from it: sockets, and the states of a
//! service. Without a service manager, nothing happens here.

use std::io;
use std::net::TcpListener;

use listenfd::ListenFd;
use sd_notify::NotifyState;

/// The socket that the service manager opened for the server (`LISTEN_FDS` of sd_listen_fds(3)). Clients
/// can connect to it before the server has started, and while it restarts.
pub(crate) fn inherited_listener() -> io::Result<Option<TcpListener>> {
    ListenFd::from_env().take_tcp_listener(0)
}

/// Tells that the server accepts connections (`READY=1` of sd_notify(3)).
pub(crate) fn notify_ready() {
    notify(&[NotifyState::Ready]);
}

/// Tells that the server has begun to stop (`STOPPING=1`).
pub(crate) fn notify_stopping() {
    notify(&[NotifyState::Stopping]);
}

fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the service manager was not told the state of the server");
    }
}
