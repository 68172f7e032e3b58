//! What flows and their hosts say to each other.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::Run;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::event::{Event, LogEntry};
use crate::core::http::{HttpRequest, HttpResponse};
use crate::core::secret::Secret;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;

/// What a flow needs from its host.
#[non_exhaustive]
pub enum Command {
    /// Send this request. Result: [`Input::Response`], or [`Input::Failed`] if no response came.
    Send(HttpRequest),
    /// Draw this many bytes from the platform's generator. Result: [`Input::Bytes`].
    Random(usize),
    /// Read a record. Result: [`Input::Record`].
    Read(RecordKey),
    /// Write a record, if the stored one still begins with `over`, up to its first `&`; an absent
    /// record begins with nothing. Result: [`Input::Done`], or [`Input::Conflict`] if it does not.
    Write {
        /// Which record.
        key: RecordKey,
        /// Its new content.
        record: String,
        /// The beginning of the record that this one replaces.
        over: String,
    },
    /// Wait for the exclusive lock of this name, among all tabs that share the store. Result:
    /// [`Input::Done`] once it is held. A host may take a lock from a holder that has not released
    /// it for a minute: that holder is frozen.
    Lock(String),
    /// Say whether the tab's storage is a copy of another living tab's: a duplicated tab starts
    /// with one. Result: [`Input::Done`] if not, [`Input::Conflict`] if so.
    ClaimTab,
    /// Leave the page for this URL; in a native app, show it in the system's browser. Result:
    /// [`Input::Done`].
    Navigate(String),
    /// Show this URL in the window that the call has opened, and wait until the response with this
    /// `state` comes back to the redirect URI in it. Result: [`Input::Text`], the URL that the
    /// window came to.
    Popup {
        /// The URL of an authorization request or a logout request.
        url: String,
        /// The `state` of the request.
        state: String,
    },
    /// Wait until a browser comes to the redirect URI, each time another one. Result:
    /// [`Input::Text`], the URL that it came to.
    AwaitRedirect,
    /// Sign this text with the client's private key. Result: [`Input::Bytes`], the signature as
    /// RFC 7518 section 3.1 has it.
    Sign {
        /// Which of the client's credentials, by its place.
        credential: usize,
        /// The algorithm by its name in a JOSE header.
        algorithm: &'static str,
        /// The signing input.
        text: String,
    },
    /// Hash these bytes. Result: [`Input::Bytes`].
    Digest(DigestAlgorithm, Vec<u8>),
    /// Get an assertion that proves who the client is (RFC 7523 section 2.2) from the one who
    /// issues it. The number is the place of the credential. Result: [`Input::Text`].
    ClientAssertion(usize),
    /// Wait until this time. Result: [`Input::Done`].
    Wait(UnixTime),
    /// Read what a service saved under this name. Result: [`Input::Record`], or [`Input::Failed`] if
    /// the store cannot be asked.
    Load(String),
    /// Save something of a service's under this name, in place of what is there. It is secret.
    /// Result: [`Input::Done`], or [`Input::Failed`], after which the flow goes on as well.
    Save {
        /// The name.
        name: String,
        /// What is saved.
        record: String,
        /// From when it is of no use to anybody.
        expires_at: UnixTime,
    },
}

/// The hashes that a host is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DigestAlgorithm {
    /// SHA-1, by which `x5t` names a certificate (RFC 7515 section 4.1.7).
    Sha1,
}

/// What a flow tells its host without waiting.
#[non_exhaustive]
pub enum Notice {
    /// Release the lock of this name.
    Unlock(String),
    /// If the page is still at this URL, show another one in its place, without loading it.
    ReplaceUrl {
        /// The URL of an authorization response.
        from: String,
        /// The same without the response.
        to: String,
    },
    /// Tell the listeners.
    Emit(Event),
    /// Call [`Client::wake`](crate::core::page::Client::wake) at this time and no longer at an earlier
    /// one; `None`: never.
    WakeAt(Option<UnixTime>),
    /// Tell the log.
    Log(LogEntry),
    /// Show this to the user, who signs in on another device. The page's build has no room for it.
    #[cfg(any(feature = "native", not(feature = "browser")))]
    DeviceCode(Shared<DeviceCode>),
    /// The token that this flow hands out is due. Ask for the same with
    /// [`Renewal::Now`](crate::core::service::Renewal::Now), and let nobody wait for it.
    RenewalDue,
}

/// What a user needs to sign in on another device: RFC 8628 section 3.2.
#[cfg(any(feature = "native", not(feature = "browser")))]
#[derive(Clone)]
#[non_exhaustive]
pub struct DeviceCode {
    /// `user_code`, which the user enters.
    pub user_code: String,
    /// `verification_uri`, where they enter it.
    pub verification_uri: String,
    /// `verification_uri_complete`, which has the code in it: for a QR code.
    pub verification_uri_complete: Option<String>,
    /// Entra's sentence that says all this.
    pub message: Option<String>,
    /// From when the code is of no use.
    pub expires_at: UnixTime,
}

/// The host's response to a command.
#[derive(Clone)]
pub enum Input {
    /// The first call of [`Flow::resume`](super::Flow::resume).
    Start,
    /// The command was carried out.
    Done,
    /// The record has changed since it was read, or the tab is a copy.
    Conflict,
    /// The HTTP response.
    Response(Shared<HttpResponse>),
    /// Random bytes, a signature or a hash.
    Bytes(Vec<u8>),
    /// The record, if there is one.
    Record(Option<Shared<String>>),
    /// An assertion, or the URL of an authorization response.
    Text(Secret),
    /// The command could not be carried out.
    Failed(AuthError),
}

/// Where a record is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordKey {
    /// Sign-ins in progress, always in the tab's own storage: they must outlive the redirect, and
    /// other tabs must not see them.
    Transactions,
    /// The session, in the storage that the page's author chose.
    Session,
}

impl Input {
    /// A response that came.
    pub fn response(response: HttpResponse) -> Self {
        Self::Response(Shared::new(response))
    }

    /// A record that was read.
    pub fn record(record: Option<String>) -> Self {
        Self::Record(record.map(Shared::new))
    }

    pub(super) fn done(&self) -> Run<bool> {
        match self {
            Self::Done => Ok(true),
            Self::Conflict => Ok(false),
            other => other.refuse(),
        }
    }

    pub(super) fn bytes(&self) -> Run<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.clone()),
            other => other.refuse(),
        }
    }

    pub(super) fn text(&self) -> Run<Secret> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            other => other.refuse(),
        }
    }

    pub(super) fn refuse<T>(&self) -> Run<T> {
        match self {
            Self::Failed(error) => Err(error.clone().into()),
            _ => Err(ErrorCode::Internal.into()),
        }
    }
}

/// Without the record, which holds tokens, and without a URL's query: an `id_token_hint` is one
/// too.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(request) => f.debug_tuple("Send").field(request).finish(),
            Self::Random(length) => f.debug_tuple("Random").field(length).finish(),
            Self::Read(key) => f.debug_tuple("Read").field(key).finish(),
            Self::Write { key, over, .. } => {
                let mut write = f.debug_struct("Write");
                // That of a record that was altered may be anything.
                let is_revision = over.is_empty() || over.starts_with("revision=");
                let over = if is_revision { over } else { "…" };
                write.field("key", key).field("over", &over);
                write.finish_non_exhaustive()
            }
            Self::Lock(name) => f.debug_tuple("Lock").field(name).finish(),
            Self::ClaimTab => f.write_str("ClaimTab"),
            Self::Navigate(url) => {
                let shown = url.split(['?', '#']).next();
                f.debug_tuple("Navigate").field(&shown).finish()
            }
            Self::Popup { url, .. } => {
                let shown = url.split(['?', '#']).next();
                f.debug_tuple("Popup").field(&shown).finish()
            }
            Self::AwaitRedirect => f.write_str("AwaitRedirect"),
            Self::Sign { algorithm, .. } => f.debug_tuple("Sign").field(algorithm).finish(),
            Self::Digest(algorithm, _) => f.debug_tuple("Digest").field(algorithm).finish(),
            Self::ClientAssertion(place) => f.debug_tuple("ClientAssertion").field(place).finish(),
            Self::Wait(until) => f.debug_tuple("Wait").field(until).finish(),
            Self::Load(name) => f.debug_tuple("Load").field(name).finish(),
            Self::Save {
                name, expires_at, ..
            } => {
                let mut save = f.debug_struct("Save");
                save.field("name", name).field("expires_at", expires_at);
                save.finish_non_exhaustive()
            }
        }
    }
}

/// Without the authorization code in a URL.
impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlock(name) => f.debug_tuple("Unlock").field(name).finish(),
            Self::ReplaceUrl { to, .. } => f.debug_tuple("ReplaceUrl").field(to).finish(),
            Self::Emit(event) => f.debug_tuple("Emit").field(event).finish(),
            Self::WakeAt(time) => f.debug_tuple("WakeAt").field(time).finish(),
            Self::Log(entry) => f.debug_tuple("Log").field(entry).finish(),
            #[cfg(any(feature = "native", not(feature = "browser")))]
            Self::DeviceCode(_) => f.write_str("DeviceCode"),
            Self::RenewalDue => f.write_str("RenewalDue"),
        }
    }
}

/// Without the random bytes, which become secrets, and without the record.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("Start"),
            Self::Done => f.write_str("Done"),
            Self::Conflict => f.write_str("Conflict"),
            Self::Response(response) => f.debug_tuple("Response").field(response).finish(),
            Self::Bytes(bytes) => f.debug_tuple("Bytes").field(&bytes.len()).finish(),
            Self::Record(record) => {
                let record = record.as_ref().map(|_| "…");
                f.debug_tuple("Record").field(&record).finish()
            }
            Self::Text(assertion) => f.debug_tuple("Text").field(assertion).finish(),
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
        }
    }
}
