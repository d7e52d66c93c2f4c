//! The listening end of an exchange: it resets its queue pair when the peer has reset its own.

use core::time::Duration;
use std::sync::{Mutex, PoisonError, Weak};

use transport::verbs::{Exchange, Introduction, VerbsError};

use super::queue_pair::End;

/// How long it is listened at a time, before it is looked whether the queue pair is still there.
const AT_A_TIME: Duration = Duration::from_secs(1);

/// Answer the peer in a thread, until it is gone or the queue pair is.
pub(super) fn answer(mut exchange: Exchange, end: Weak<Mutex<End>>) {
    std::thread::spawn(move || {
        loop {
            let peer = match exchange.hear(AT_A_TIME) {
                Ok(peer) => peer,
                Err(VerbsError::PeerSilent { .. }) if end.strong_count() > 0 => continue,
                // Whoever uses the queue pair sees that the peer acknowledges nothing any more.
                Err(error) => return tracing::debug!("{error}"),
            };
            let Some(end) = end.upgrade() else { return };
            if let Err(error) = follow(&mut exchange, &end, peer) {
                tracing::warn!("{error}");
            }
        }
    });
}

fn follow(exchange: &mut Exchange, end: &Mutex<End>, peer: Introduction) -> Result<(), VerbsError> {
    let mut end = end.lock().unwrap_or_else(PoisonError::into_inner);
    let route = end.route();
    end.reset(route, |own| {
        exchange.tell(own)?;
        Ok(peer)
    })?;
    tracing::info!("the peer has reset its queue pair, and this end too");
    exchange.settle()
}
