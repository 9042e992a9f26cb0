//! What a service manager passes to the server and learns from it: sockets, and the states of a
//! service. Without a service manager, nothing happens here.

use std::io;
use std::net::TcpListener;

use actix_web::rt::time;
use listenfd::ListenFd;
use sd_notify::NotifyState;

use crate::workers::Workers;

/// The sockets that the service manager opened for the server (`LISTEN_FDS` of sd_listen_fds(3)).
/// Clients can connect to them before the server has started, and while it restarts.
pub(crate) fn inherited_listeners() -> io::Result<Vec<TcpListener>> {
    let mut sockets = ListenFd::from_env();
    (0..sockets.len()).filter_map(|index| sockets.take_tcp_listener(index).transpose()).collect()
}

/// Tells that the server accepts connections (`READY=1` of sd_notify(3)).
pub(crate) fn notify_ready() {
    notify(NotifyState::Ready);
}

/// Tells that the server has begun to stop (`STOPPING=1`).
pub(crate) fn notify_stopping() {
    notify(NotifyState::Stopping);
}

/// Tells again and again that the server works (`WATCHDOG=1`), but only while every worker responds.
/// The service manager restarts a server of which it hears nothing for the time it names.
pub(crate) async fn keep_alive(workers: Workers) {
    let Some(limit) = sd_notify::watchdog_enabled() else { return };
    let pause = limit / 4;
    loop {
        if workers.respond_within(pause).await {
            notify(NotifyState::Watchdog);
        } else {
            tracing::error!("a worker does not respond");
        }
        time::sleep(pause).await;
    }
}

fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the service manager was not told the state of the server");
    }
}
