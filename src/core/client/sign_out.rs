//! Sign-out: here first, then at the provider.

use alloc::rc::Rc;

use super::Client;
use crate::core::event::Event;
use crate::core::flow::Flow;
use crate::core::logout_request::logout_request;
use crate::core::url;

impl Client {
    /// Ends the session here, and sends the user to the provider to end it there too, where the
    /// provider offers that and `local` is not asked for. Without a session there is nothing to
    /// do.
    pub fn sign_out(self: &Rc<Self>, local: bool) -> Flow<()> {
        let client = Rc::clone(self);
        Flow::new(async move |io| {
            let Some(session) = client.session() else {
                return Ok(());
            };
            client.drop_session(&io).await?;
            io.emit(Event::SignedOut);
            let config = &client.config;
            let request = logout_request(
                &session.metadata(),
                &config.client_id,
                &session.id_token(),
                config.post_logout_redirect_uri.as_deref(),
            );
            match request {
                Some(url) if !local => {
                    io.log("logout_request", url::without_query(&url));
                    io.navigate(url).await
                }
                _ => Ok(()),
            }
        })
    }
}
