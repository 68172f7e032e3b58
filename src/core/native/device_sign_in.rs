//! Sign-in on another device: RFC 8628.

use super::NativeClient;
use crate::core::error::ErrorCode;
use crate::core::flow::{Flow, Io, Notice, Run, settle};
use crate::core::http::{HttpRequest, HttpResponse};
use crate::core::oauth::client_authentication::public_client;
use crate::core::oauth::device_authorization::{
    DeviceAuthorization, Poll, device_authorization_request, device_refusal,
};
use crate::core::page::handle_redirect::Granted;
use crate::core::page::{Account, SignInOptions};
use crate::core::provider::entra::Protocol;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::wire::url;

impl NativeClient {
    /// Signs a user in on another device. The host shows the code of
    /// [`Notice::DeviceCode`] and carries out the waiting.
    pub fn sign_in_with_device_code(self: &Shared<Self>, options: SignInOptions) -> Flow<Account> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.authorize_device(io, &options))
    }

    pub(crate) fn authorize_device(&self, io: &mut Io, options: &SignInOptions) -> Run<Account> {
        let parse_json = self.session.platform.parse_json;
        let client_id = &self.session.config.client_id;
        let fetched = self.session.metadata.get(io)?;
        let metadata = &fetched.metadata;
        let target = self.session.sign_in_target(metadata, options);
        let endpoint = metadata.device_authorization_endpoint()?;
        let form = device_authorization_request(&target);
        let request = public_client(client_id, form, endpoint);
        io.log(
            "device_authorization_request",
            url::without_query(&request.url),
        );
        let requested_at = io.now();
        let response = io.send(request)??;
        let authorization = DeviceAuthorization::process(&response, parse_json, requested_at)?;
        io.tell(Notice::DeviceCode(Shared::clone(&authorization.code)));

        let endpoint = metadata.token_endpoint()?;
        let protocol = Protocol::of(metadata.issuer.as_str(), endpoint);
        let form = authorization.token_request(protocol, &target);
        let request = public_client(client_id, form, endpoint);
        io.log("token_request", url::without_query(&request.url));
        let (response, polled_at) = self.poll(io, &authorization, &request)?;
        let granted = Granted {
            target: &Shared::new(target),
            metadata,
            metadata_at: fetched.fetched_at,
            // The request has none: the device code binds the response to it.
            nonce: None,
            max_age: None,
        };
        let account = self.begin_session(io, &granted, &response, polled_at);
        Ok(settle(account, io)?.map_err(device_refusal)?)
    }

    /// Asks the token endpoint until the user is done (section 3.5). Returns the last response, and
    /// when it was asked for.
    fn poll(
        &self,
        io: &mut Io,
        authorization: &DeviceAuthorization,
        request: &HttpRequest,
    ) -> Run<(Shared<HttpResponse>, UnixTime)> {
        let parse_json = self.session.platform.parse_json;
        let mut interval = authorization.interval;
        let mut pause = interval.0;
        while io.now().plus(pause) < authorization.code.expires_at {
            io.wait(io.now().plus(pause))?;
            let polled_at = io.now();
            let response = io.send(request.clone())?;
            let poll = match &response {
                Ok(response) => Poll::of(response, parse_json),
                Err(_) => {
                    interval = interval.backed_off();
                    Poll::Pending
                }
            };
            let mut retry_after = None;
            match (poll, response) {
                (Poll::Done, Ok(response)) => return Ok((response, polled_at)),
                (Poll::SlowDown, _) => interval = interval.slowed_down(),
                (Poll::Passing(after), _) => retry_after = after,
                _ => {}
            }
            pause = interval.0.max(retry_after.unwrap_or_default());
        }
        Err(ErrorCode::DeviceCodeExpired.into())
    }
}
