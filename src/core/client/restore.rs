//! At the start: the session that an earlier load of the page left.

use alloc::rc::Rc;

use super::Client;
use crate::core::error::AuthError;
use crate::core::flow::{Flow, RecordKey};
use crate::core::issuer::metadata_may_name;
use crate::core::session::Session;

impl Client {
    /// Takes up the stored session, if there is one. A record that cannot be read is dropped
    /// without an error: the page starts signed out.
    pub fn restore(self: &Rc<Self>) -> Flow<()> {
        let client = Rc::clone(self);
        Flow::new(async move |io| {
            let Some(record) = io.read(RecordKey::Session).await? else {
                return Ok::<(), AuthError>(());
            };
            match Session::from_record(&record).filter(|session| client.is_mine(session)) {
                Some(session) => {
                    io.log("session_restored", "");
                    client.take_up(&io, session);
                    Ok(())
                }
                None => {
                    io.log("session_dropped", "");
                    io.write(RecordKey::Session, None).await
                }
            }
        })
    }

    /// The metadata kept with the session must be the configured authority's: a changed
    /// configuration starts signed out.
    fn is_mine(&self, session: &Session) -> bool {
        session
            .metadata()
            .issuer()
            .is_ok_and(|issuer| metadata_may_name(&self.config.authority, issuer.as_str()))
    }
}
