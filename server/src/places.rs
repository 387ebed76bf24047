//! How many connections each listener takes: what the settings say, as far as the system's limit on open files goes. Some files are
//! left to nobody's connections: an anchor that cannot be written stops the writer, and with it the server.

use crate::config::ConnectionLimits;

/// Open files that no connection gets: store, anchor, a backup, sockets and what the runtimes need.
const RESERVED: usize = 64;
/// Connections that local tools and scrapers keep, on each of their two listeners.
const LOCAL: usize = 100;

/// Connections, by listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// The device port, all runtimes together.
    pub device: usize,
    /// Portal and API.
    pub portal: usize,
    /// Operator port and control socket, each.
    pub local: usize,
}

impl Places {
    /// The places under `wanted`, where so many files may be open (none: no limit).
    #[must_use]
    pub fn within(wanted: &ConnectionLimits, descriptors: Option<u64>) -> Self {
        let files = descriptors.and_then(|files| usize::try_from(files).ok()).unwrap_or(usize::MAX);
        let free = files.saturating_sub(RESERVED).max(8);
        let local = LOCAL.min(free / 8);
        let portal = wanted.portal_connections.min(free / 4);
        Self { device: wanted.device_connections.min(free - portal - 2 * local), portal, local }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_hold_where_files_suffice_and_a_reserve_is_left_where_they_do_not() {
        let wanted = ConnectionLimits::default();
        let all = Places { device: wanted.device_connections, portal: wanted.portal_connections, local: LOCAL };
        assert_eq!(Places::within(&wanted, None), all);
        let exactly = (all.device + all.portal + 2 * all.local + RESERVED) as u64;
        assert_eq!(Places::within(&wanted, Some(exactly)), all);
        for files in [100, 200, 256, 1024, 4096, exactly - 1] {
            let some = Places::within(&wanted, Some(files));
            let open = some.device + some.portal + 2 * some.local;
            assert!(open + RESERVED <= usize::try_from(files).expect("small"), "{files}: {some:?}");
            assert!(some.device >= open / 2 && some.portal > 0 && some.local > 0, "{files}: {some:?}");
        }
    }
}
