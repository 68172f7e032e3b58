//! Requests on their way, and everything that can become of them.

use countersign::{ErrorCode, HttpRequest, HttpResponse, Input};

use crate::invariants::At;
use crate::provider::Message;
use crate::response::{Meaning, Reply};
use crate::run::{Run, RunId};
use crate::world::{Event, Time, World};

pub(crate) type ExchangeId = usize;

/// A host gives a request up after this time.
const TIMEOUT: Time = 30_000;

/// A request and its response.
pub(crate) struct Exchange {
    pub(crate) run: RunId,
    pub(crate) message: Message,
    /// The page has been told what came of it.
    is_settled: bool,
}

/// What becomes of a request, as the page sees it.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Reply(Reply),
    Failed,
    TimedOut,
}

/// How many of a hundred requests meet which fate.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Network {
    pub(crate) is_offline: bool,
    pub(crate) loses_requests: u32,
    pub(crate) loses_responses: u32,
    pub(crate) cuts: u32,
    pub(crate) delays: u32,
    pub(crate) intercepts: u32,
}

impl World {
    pub(crate) fn send(&mut self, run: &mut Run, request: &HttpRequest) {
        let body = request.body.as_deref().unwrap_or_default();
        let message = Message {
            url: request.url.clone(),
            form: form_urlencoded::parse(body.as_bytes())
                .into_owned()
                .collect(),
        };
        self.note(format_args!("    {} {body}", request.url));
        let exchange = self.exchanges.len();
        self.judge_send(run, exchange, &message);
        self.exchanges.push(Exchange {
            run: run.id,
            message,
            is_settled: false,
        });
        if !body.is_empty() {
            self.invite_trouble(run.page, 10);
        }
        let settle = |outcome| Event::Settle { exchange, outcome };
        if self.network.is_offline {
            let delay = self.random.between(0, 50);
            return self.after(delay, settle(Outcome::Failed));
        }
        self.after(TIMEOUT, settle(Outcome::TimedOut));
        if self.random.chance(self.network.loses_requests) {
            if self.random.chance(50) {
                let delay = self.random.between(0, 2000);
                self.after(delay, settle(Outcome::Failed));
            }
            return;
        }
        let delay = self.latency();
        if self.random.chance(self.network.intercepts) {
            return self.after(delay, settle(Outcome::Reply(Reply::foreign_page())));
        }
        self.after(delay, Event::Arrive { exchange });
    }

    fn latency(&mut self) -> Time {
        if self.random.chance(self.network.delays) {
            self.random.between(1000, 20_000)
        } else {
            self.random.between(5, 150)
        }
    }

    pub(crate) fn arrive(&mut self, exchange: ExchangeId) {
        let message = &self.exchanges[exchange].message;
        let mut reply = self.provider.respond(message, self.now, &mut self.random);
        self.judge.processed(exchange, &reply.meaning);
        let settle = |outcome| Event::Settle { exchange, outcome };
        if self.random.chance(self.network.loses_responses) {
            self.note(format_args!("the response is lost: {}", reply.body));
            if self.random.chance(50) {
                let delay = self.random.between(0, 2000);
                self.after(delay, settle(Outcome::Failed));
            }
            return;
        }
        if self.random.chance(self.network.cuts) {
            let end = self.random.place_in(reply.body.len());
            reply.body.truncate(end);
            reply.meaning = match reply.meaning {
                Meaning::Tokens { .. } | Meaning::Metadata => Meaning::Cut,
                meaning if reply.status == 404 => meaning,
                _ => Meaning::Outage,
            };
        }
        let delay = self.latency();
        self.after(delay, settle(Outcome::Reply(reply)));
    }

    pub(crate) fn settle(&mut self, exchange: ExchangeId, outcome: Outcome) {
        if std::mem::replace(&mut self.exchanges[exchange].is_settled, true) {
            return;
        }
        let id = self.exchanges[exchange].run;
        self.note(format_args!("{id} receives {outcome:?}"));
        let at = At {
            moment: self.moment,
            wall: self.clock.wall(self.now),
        };
        if let Some(run) = self.runs.get_mut(&id) {
            let request = &self.exchanges[exchange].message;
            run.facts.received(&outcome, request, at);
        }
        self.judge.settled(exchange, &outcome);
        let input = match outcome {
            Outcome::Reply(reply) => {
                let mut response = HttpResponse::new(reply.status, reply.body);
                response.headers.retry_after = reply.retry_after.map(|seconds| seconds as f64);
                Input::response(response)
            }
            Outcome::Failed | Outcome::TimedOut => Input::Failed(ErrorCode::NetworkError.into()),
        };
        self.resume(id, input);
    }
}
