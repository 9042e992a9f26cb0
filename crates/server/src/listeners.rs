//! The sockets on which the server listens.

use std::io;
use std::net::{SocketAddr, TcpListener};

use actix_web::dev::ServerHandle;
use socket2::{Domain, Protocol, Socket, Type};

use crate::failure::Failure;
use crate::systemd;

/// How many clients may wait for the server to accept their connection.
const BACKLOG: i32 = 1024;

/// The sockets of the service manager, or one that the server opened itself.
pub(crate) struct Listeners {
    sockets: Vec<TcpListener>,
    are_inherited: bool,
}

impl Listeners {
    /// Takes the sockets of the service manager, or else listens on this address.
    pub(crate) fn open(address: SocketAddr) -> Result<Self, Failure> {
        let inherited = systemd::inherited_listeners().map_err(|error| {
            Failure::because("cannot listen on the sockets of the service manager", &error)
        })?;
        if !inherited.is_empty() {
            tracing::info!("the sockets of the service manager replace the setting listen");
            return Ok(Self { sockets: inherited, are_inherited: true });
        }
        let own = listen(address).map_err(|error| {
            Failure::because(format_args!("cannot listen on {address}"), &error)
        })?;
        Ok(Self { sockets: vec![own], are_inherited: false })
    }

    /// The sockets again, for the server. It closes its own ones when it stops.
    pub(crate) fn duplicates(&self) -> Result<Vec<TcpListener>, Failure> {
        let duplicates: io::Result<_> = self.sockets.iter().map(TcpListener::try_clone).collect();
        duplicates.map_err(|error| Failure::because("cannot share a socket", &error))
    }

    /// Lets no more clients connect. Those that are connected already are still served.
    ///
    /// Closing a socket resets the connections that nobody has accepted yet, and clients may have sent
    /// requests on them. So the kernel ignores new clients first, and the server closes the socket when
    /// it has accepted the others. A client that is ignored tries again a second later. By then the
    /// next server may listen, or the client is refused.
    ///
    /// Clients of an inherited socket wait in it for the next server.
    pub(crate) async fn accept_no_more(self, server: &ServerHandle) {
        if self.are_inherited {
            return server.pause().await;
        }
        for socket in &self.sockets {
            if let Err(error) = ignore_new_clients(socket) {
                tracing::warn!(%error, "clients that connect now may be disconnected");
            }
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Attaches a filter that drops the packets with which clients open connections (SYN).
#[cfg(target_os = "linux")]
fn ignore_new_clients(socket: &TcpListener) -> io::Result<()> {
    use socket2::{SockFilter, SockRef};

    const LOAD_BYTE: u16 = 0x30;
    const JUMP_IF_ANY_BIT: u16 = 0x45;
    const RETURN: u16 = 0x06;
    /// Where the flags are in the header of TCP.
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    const DROP: u32 = 0;
    const KEEP: u32 = u32::MAX;
    SockRef::from(socket).attach_filter(&[
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
        SockFilter::new(JUMP_IF_ANY_BIT, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, DROP),
        SockFilter::new(RETURN, 0, 0, KEEP),
    ])
}

/// Only Linux has such filters.
#[cfg(not(target_os = "linux"))]
fn ignore_new_clients(_: &TcpListener) -> io::Result<()> {
    Ok(())
}
