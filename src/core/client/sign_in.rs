//! Sign-in, the first leg: from the call to the provider's page.

use alloc::rc::Rc;

use super::Client;
use crate::core::authorization_request::{
    AuthorizationRequest, AuthorizationRequestParameters, RESERVED_PARAMETERS, SignInOptions,
};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Flow, RecordKey};
use crate::core::transaction::Transactions;
use crate::core::url;

impl Client {
    /// Sends the user to the provider. The flow ends when the navigation was asked for.
    ///
    /// A session that is there already stays untouched until the user comes back.
    pub fn sign_in(self: &Rc<Self>, options: SignInOptions) -> Flow<()> {
        let client = Rc::clone(self);
        Flow::new(async move |io| {
            check(&options)?;
            let metadata = client.metadata(&io).await?;
            let config = &client.config;
            let request = AuthorizationRequest::build(
                &metadata,
                &AuthorizationRequestParameters {
                    client_id: &config.client_id,
                    redirect_uri: &config.redirect_uri,
                    scope: options.scope.as_deref().unwrap_or(&config.scope),
                    resource: options.resource.as_deref().or(config.resource.as_deref()),
                    options: &options,
                },
                io.random().await?,
                io.now(),
            )?;

            let record = io.read(RecordKey::Transactions).await?;
            let mut transactions = Transactions::from_record(&record.unwrap_or_default());
            transactions.add(&request.transaction, io.now());
            io.write(
                RecordKey::Transactions,
                Some(transactions.as_record().into()),
            )
            .await?;

            io.log("authorization_request", url::without_query(&request.url));
            io.navigate(request.url).await
        })
    }
}

fn check(options: &SignInOptions) -> Result<(), AuthError> {
    let reserved = options
        .parameters
        .iter()
        .find(|(name, _)| RESERVED_PARAMETERS.contains(&name.as_str()));
    match reserved {
        Some((name, _)) => Err(AuthError::about(ErrorCode::InvalidOption, name.as_str())),
        None => Ok(()),
    }
}
