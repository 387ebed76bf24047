//! The control plane: one thread for portal and API, the local verbs, metrics and jobs.

use crate::admin;
use crate::app::App;
use crate::cli::failure::Failure;
use crate::jobs::runner;
use crate::net::connection::Limits;
use crate::net::listen;
use crate::net::shutdown::Shutdown;
use crate::operator::OperatorPort;
use crate::server::{HEADER_TIMEOUT, LOCAL_CONNECTIONS};
use crate::store::RedbStore;
use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;

/// Everything that is not the device port.
///
/// # Errors
/// The runtime's, or the scheduler's when it does not start.
pub async fn serve(
    (app, store): (Arc<App>, Arc<RedbStore>),
    (portal, portal_limits): (TcpListener, Limits),
    operator: TcpListener,
    socket: UnixListener,
    shutdown: Shutdown,
) -> io::Result<()> {
    let local = Limits { connections: LOCAL_CONNECTIONS, header: HEADER_TIMEOUT };
    let unix = tokio::net::UnixListener::from_std(socket)?;
    let portal = tokio::net::TcpListener::from_std(portal)?;
    let operator = tokio::net::TcpListener::from_std(operator)?;
    let (people, local_verbs) = admin::ports(app.clone(), store);
    let serve = async {
        tokio::join!(
            listen::serve(portal, Arc::new(people), portal_limits, shutdown.clone()),
            listen::serve(unix, Arc::new(local_verbs), local, shutdown.clone()),
            listen::serve(operator, Arc::new(OperatorPort::new(app.clone())), local, shutdown.clone()),
        );
        Ok(())
    };
    let jobs = async { runner::serve(app.clone(), shutdown.clone()).await.map_err(io::Error::other) };
    tokio::try_join!(serve, jobs).map(|_| ())
}

/// The socket of the local operator's verbs, bound before the server says that it is ready.
///
/// # Errors
/// [`Failure`].
pub fn bind(path: &Path) -> Result<UnixListener, Failure> {
    std::fs::remove_file(path).ok(); // left by a run that was cut short; the store's lock says that nobody else is here
    let bound = UnixListener::bind(path).and_then(|socket| {
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    });
    bound.map_err(|error| Failure::io(path, &error))
}
