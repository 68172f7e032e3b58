//! Who the user is, by the provider's UserInfo endpoint.

use super::{GetTokenOptions, NativeClient};
use crate::core::flow::{Flow, Io, Run};
use crate::core::shared::Shared;

pub use crate::core::page::UserInfo;

impl NativeClient {
    /// Asks who the user is (OpenID Connect Core section 5.3).
    pub fn user_info(self: &Shared<Self>, options: GetTokenOptions) -> Flow<UserInfo> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.ask_user_info(io, &options))
    }

    pub(crate) fn ask_user_info(&self, io: &mut Io, options: &GetTokenOptions) -> Run<UserInfo> {
        self.session.ask_user_info(io, options)
    }
}
