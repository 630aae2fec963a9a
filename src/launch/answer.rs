//! A server at work: its socket, its listeners and its publisher, until it shall stop.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::server::{self, CommandConnection, Connection, Server};
use crate::store::lock::{self, Lock};
use crate::{config, runtime};

/// The socket of a server, bound. Dropping it removes it.
///
/// A lock beside it says who has it: so a socket that a killed server left is known to be nobody's,
/// and is never taken from one that runs.
#[derive(Debug)]
pub(super) struct Socket {
    listener: UnixListener,
    path: PathBuf,
    _lock: Lock,
}

impl Socket {
    /// Binds it; none if another server has it. From now on connections wait to be answered.
    pub(super) fn bind(path: &Path) -> io::Result<Option<Self>> {
        let Some(lock) = Lock::try_take(&lock::beside(path))? else {
            return Ok(None);
        };
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        Ok(Some(Self {
            listener,
            path: path.to_owned(),
            _lock: lock,
        }))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // The lock goes after this, so it cannot be the socket of another yet.
        let _ = fs::remove_file(&self.path);
    }
}

/// Where a server answers.
#[derive(Debug, Default)]
pub(super) struct Doors {
    /// On a loopback port.
    pub(super) tcp: Option<TcpListener>,
    /// On a socket.
    pub(super) socket: Option<Socket>,
}

/// Answers and publishes until `stop` holds true, then gives what is being published `patience`.
pub(super) async fn answer(
    server: &Server,
    doors: Doors,
    stop: watch::Receiver<bool>,
    patience: Duration,
) -> io::Result<()> {
    let tcp = async {
        match doors.tcp {
            Some(listener) => server.serve_tcp(listener, stopped(stop.clone())).await,
            None => Ok(()),
        }
    };
    let socket = async {
        match &doors.socket {
            Some(socket) => {
                let listener = tokio::net::UnixListener::from_std(socket.listener.try_clone()?)?;
                server.serve_unix(listener, stopped(stop.clone())).await
            }
            None => Ok(()),
        }
    };
    let publisher = async {
        server
            .publisher(stopped(stop.clone()), runtime::until)
            .await;
        Ok(())
    };
    let answered = tokio::try_join!(tcp, socket, publisher);
    server.settled(patience).await;
    answered.map(|_| ())
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // If nobody is left who could say it, it is over too.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Takes over what the config file says of the server.
pub(super) fn configure(config: &mut server::Config, file: &config::Server) {
    config.allowed_hosts.clone_from(&file.allowed_hosts);
    config.pending_limit = file.pending_limit;
    config.rate_limit = file.rate_limit;
    for (name, connection) in &file.connections {
        let mut command = CommandConnection::new(connection.command.clone());
        command.interactions.clone_from(&connection.interactions);
        let connection = Connection::Command(command);
        config.connections.insert(name.clone(), connection);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn a_socket_has_one_server_and_is_its_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.sock");
        let socket = Socket::bind(&path).unwrap().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert!(Socket::bind(&path).unwrap().is_none());
        assert!(UnixStream::connect(&path).is_ok(), "it was not taken away");
        drop(socket);
        assert!(!path.exists());
        assert!(Socket::bind(&path).unwrap().is_some());
    }

    #[test]
    fn a_socket_that_a_killed_server_left_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.sock");
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists() && UnixStream::connect(&path).is_err());
        let _socket = Socket::bind(&path).unwrap().unwrap();
        assert!(UnixStream::connect(&path).is_ok());
    }
}
