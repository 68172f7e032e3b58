//! Windows of their own for sign-ins: what the user does in them, and what becomes of them.

use countersign::{Input, Secret};

use crate::page::{PageId, REDIRECT};
use crate::provider::Message;
use crate::run::{Call, Run, RunId};
use crate::world::{Event, World};

impl World {
    /// Shows the provider in a window. Sooner or later the user signs in, declines or closes it; the
    /// response may come when nobody waits for it any more.
    pub(crate) fn open_popup(&mut self, run: &mut Run, url: &str, state: &str) {
        let (endpoint, query) = url.split_once('?').unwrap_or((url, ""));
        let form = form_urlencoded::parse(query.as_bytes());
        let request = Message {
            url: endpoint.into(),
            form: form.into_owned().collect(),
        };
        let is_over = self.plan.is_over;
        let longest = match is_over {
            true => 2_000,
            false => self
                .random
                .weighted(&[(8, 2_000), (3, 60_000), (1, 250_000)]),
        };
        let delay = self.random.between(100, longest);
        run.with_user = delay;
        let response = match self.random.between(0, 100) {
            _ if is_over => Some(self.signed_in_at_provider(&request)),
            0..70 => Some(self.signed_in_at_provider(&request)),
            70..80 => Some(format!("error=access_denied&state={state}")),
            80..83 => Some(String::from("code=another&state=another")),
            _ => None,
        };
        let is_left = response.is_none() || !is_over && self.random.chance(10);
        if let Some(response) = response {
            // A response may be late: after the window was taken for closed.
            let url = Secret::new(format!("{REDIRECT}?{response}"));
            let input = Input::Text(url);
            let late = if is_left { delay } else { 0 };
            self.after(delay + late, Event::Resume { run: run.id, input });
        }
        if is_left {
            self.after(delay, Event::GiveUp { run: run.id });
        }
    }

    fn signed_in_at_provider(&mut self, request: &Message) -> String {
        let user = self.random.weighted(&[(4, "alice"), (1, "bob")]);
        self.provider.authorize(request, user)
    }

    /// A sign-in that begins takes the place of those in the page's popups.
    pub(crate) fn supersede(&mut self, page: PageId) {
        let is_older = |run: &&Run| run.page == page && matches!(run.call, Call::Popup { .. });
        let older: Vec<RunId> = self
            .runs
            .values()
            .filter(is_older)
            .map(|run| run.id)
            .collect();
        for run in older {
            self.give_up(run);
        }
    }

    /// The host drops a flow: its popup was closed, its signal aborted, or a newer one came.
    pub(crate) fn give_up(&mut self, run: RunId) {
        self.note(format_args!("{run} is given up"));
        if self.runs.remove(&run).is_some() {
            self.release_locks_of(run);
        }
    }
}
