//! The control plane: one thread for portal and API, the local verbs, metrics and mail.

use crate::admin;
use crate::app::App;
use crate::mail::post::{self, Post};
use crate::net::listen::{self, Rules};
use crate::net::shutdown::Shutdown;
use crate::net::tls::{Plain, Tls};
use crate::operator::OperatorPort;
use crate::store::RedbStore;
use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::sync::Arc;

/// Where it listens, and what is allowed there.
pub struct Control {
    /// Portal and API.
    pub portal: (TcpListener, Rules),
    /// If the portal speaks TLS.
    pub portal_tls: Option<Tls>,
    /// Metrics and probes.
    pub operator: (TcpListener, Rules),
    /// Mail.
    pub mail: Arc<Post>,
    /// The local operator's verbs.
    pub socket: (UnixListener, Rules),
}

/// Everything that is not the device port.
///
/// # Errors
/// The runtime's, or the scheduler's when it does not start.
pub async fn serve((app, store): (Arc<App>, Arc<RedbStore>), control: Control, shutdown: Shutdown) -> io::Result<()> {
    let ((portal, portal_rules), (operator, operator_rules)) = (control.portal, control.operator);
    let (unix, unix_rules) = control.socket;
    let unix = tokio::net::UnixListener::from_std(unix)?;
    let portal = tokio::net::TcpListener::from_std(portal)?;
    let operator = tokio::net::TcpListener::from_std(operator)?;
    let (people, local_verbs) = admin::ports(app.clone(), store, control.mail.clone());
    let (people, metrics) = (Arc::new(people), Arc::new(OperatorPort::new(app.clone())));
    let end = || shutdown.clone();
    let serve_people = async {
        match control.portal_tls {
            None => listen::serve(portal, Plain, people, portal_rules, end()).await,
            Some(tls) => listen::serve(portal, tls, people, portal_rules, end()).await,
        }
    };
    let serve = async {
        tokio::join!(
            serve_people,
            listen::serve(unix, Plain, Arc::new(local_verbs), unix_rules, end()),
            listen::serve(operator, Plain, metrics, operator_rules, end()),
        );
        Ok(())
    };
    let mail = async {
        post::serve(&app, &control.mail, end()).await;
        Ok(())
    };
    tokio::try_join!(serve, mail).map(|_| ())
}
