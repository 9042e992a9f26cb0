use std::time::Duration;

use bookshelf_domain::StoreError;
use diesel::ConnectionError;
use diesel::result::ConnectionResult;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::config::PostgresConfig;
use bookshelf_domain::error_chain;

type SocketConnection =
    tokio_postgres::Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// Opens connections.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) config: PostgresConfig,
    tls: MakeRustlsConnect,
}

/// A connection, and the task that reads and writes its socket.
pub(super) struct SharedConnection {
    pub(super) connection: AsyncPgConnection,
    socket_task: AbortOnDrop,
}

/// Aborts its task when it is dropped, even while the server is executing a statement.
struct AbortOnDrop(JoinHandle<()>);

/// Some errors are recognised by their English text. Not every server lets every user set the
/// language.
const ENGLISH: &str = "DO $$ BEGIN SET lc_messages = 'C';
     EXCEPTION WHEN insufficient_privilege THEN NULL; END $$";

impl Connector {
    pub(super) fn new(config: PostgresConfig) -> Result<Self, StoreError> {
        Ok(Self { tls: config.tls.connector()?, config })
    }

    /// Opens a connection for the pool.
    pub(super) async fn connect(&self) -> ConnectionResult<AsyncPgConnection> {
        self.in_time(async {
            let (client, socket) = self.connect_client().await?;
            let connection = AsyncPgConnection::try_from_client_and_connection(client, socket);
            self.set_up(connection.await?).await
        })
        .await
    }

    /// Opens a connection that several reads share.
    pub(super) async fn connect_shared(&self) -> ConnectionResult<SharedConnection> {
        self.in_time(async {
            let (client, socket) = self.connect_client().await?;
            let socket_task = AbortOnDrop(spawn_socket_task(socket));
            let connection = self.set_up(AsyncPgConnection::try_from(client).await?).await?;
            Ok(SharedConnection { connection, socket_task })
        })
        .await
    }

    async fn connect_client(&self) -> ConnectionResult<(Client, SocketConnection)> {
        let connected = self.config.driver.connect(self.tls.clone()).await;
        connected.map_err(|error| ConnectionError::BadConnection(error_chain(&error)))
    }

    async fn set_up(
        &self,
        mut connection: AsyncPgConnection,
    ) -> ConnectionResult<AsyncPgConnection> {
        let PostgresConfig { statement_timeout, lock_timeout, idle_in_transaction_timeout, .. } =
            &self.config;
        let settings = format!(
            "SET statement_timeout = {}; SET lock_timeout = {};
             SET idle_in_transaction_session_timeout = {};
             SET jit = off;
             {ENGLISH}",
            statement_timeout.as_millis(),
            lock_timeout.as_millis(),
            idle_in_transaction_timeout.as_millis(),
        );
        connection
            .batch_execute(&settings)
            .await
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(connection)
    }

    /// Limits the time of the whole set-up, because a server may accept a connection and then not
    /// respond.
    async fn in_time<T>(
        &self,
        connecting: impl Future<Output = ConnectionResult<T>>,
    ) -> ConnectionResult<T> {
        let wait = self.config.wait;
        timeout(wait, connecting).await.unwrap_or_else(|_| Err(connection_timeout(wait)))
    }
}

/// Opens a connection that belongs to no engine and runs on the current runtime. No timeouts are
/// set on it.
pub(crate) async fn connect_alone(config: PostgresConfig) -> Result<Client, StoreError> {
    let connector = Connector::new(config)?;
    let (client, socket) = connector
        .in_time(connector.connect_client())
        .await
        .map_err(|error| unreachable_server(&error))?;
    spawn_socket_task(socket);
    Ok(client)
}

/// Starts the task that reads and writes the socket of a connection.
fn spawn_socket_task(socket: SocketConnection) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = socket.await {
            tracing::debug!(error = error_chain(&error), "a connection to PostgreSQL ended");
        }
    })
}

impl SharedConnection {
    pub(super) fn is_open(&self) -> bool {
        !self.socket_task.0.is_finished()
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn connection_timeout(wait: Duration) -> ConnectionError {
    ConnectionError::BadConnection(format!("no connection within {} ms", wait.as_millis()))
}

/// The error of a failed connection. Trying again may always help.
pub(super) fn unreachable_server(error: &dyn std::error::Error) -> StoreError {
    StoreError::Unavailable(format!("cannot connect to PostgreSQL: {}", error_chain(error)))
}
