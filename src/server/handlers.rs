//! From a request to its reply: reads parameters, asks the keeper, shows what it says.

mod info;
mod params;
mod profiles;
mod updates;

use axum::http::Method;
use serde::Serialize;

use super::Server;
use super::error::{Code, Refusal};
use super::present::View;
use super::route::Endpoint;
use crate::domain::time::Timestamp;
use crate::wire::form::Form;

/// A request whose sender may ask it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) endpoint: Endpoint,
    pub(super) method: Method,
    /// Its path below `/1/`.
    pub(super) path: String,
    /// The id in its path; empty if it has none.
    pub(super) id: String,
    /// Query and body.
    pub(super) form: Form,
    pub(super) now: Timestamp,
}

/// The bytes of a reply.
pub(super) type Reply = Result<Vec<u8>, Refusal>;

/// `{"success": true}`, and words for people where other servers have some.
#[derive(Serialize)]
struct Done {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
}

/// Answers a request.
pub(super) async fn answer(server: &Server, asked: &Asked) -> Reply {
    match asked.endpoint {
        Endpoint::User => info::user(server, asked).await,
        Endpoint::Deauthorize => info::deauthorize(server, asked),
        Endpoint::LinkShares => info::link_shares(server, asked).await,
        Endpoint::Configuration => info::configuration(server, asked),
        Endpoint::Profiles => profiles::all(server, asked).await,
        Endpoint::Profile => profiles::one(server, asked).await,
        Endpoint::ProfileCreate => profiles::create(server, asked).await,
        Endpoint::ProfileUpdate => profiles::update(server, asked).await,
        Endpoint::ProfileDestroy => profiles::destroy(server, asked).await,
        Endpoint::ProfilePaused => profiles::paused(server, asked).await,
        Endpoint::Schedules => profiles::schedules(server, asked).await,
        Endpoint::SchedulesUpdate => profiles::set_schedules(server, asked).await,
        Endpoint::Pending | Endpoint::Sent | Endpoint::Failed => updates::list(server, asked).await,
        Endpoint::Reorder => updates::reorder(server, asked).await,
        Endpoint::Shuffle => updates::shuffle(server, asked).await,
        Endpoint::UpdateCreate => updates::create(server, asked).await,
        Endpoint::Update => updates::one(server, asked).await,
        Endpoint::UpdateEdit => updates::edit(server, asked).await,
        Endpoint::Share => updates::share(server, asked).await,
        Endpoint::Destroy => updates::destroy(server, asked).await,
        Endpoint::MoveToTop => updates::move_to_top(server, asked).await,
        Endpoint::Requeue => updates::requeue(server, asked).await,
        Endpoint::Interactions => updates::interactions(server, asked).await,
    }
}

impl Asked {
    /// Returns for whom and when the reply is shown.
    fn view(&self, server: &Server) -> Result<View, Refusal> {
        Ok(View {
            now: self.now,
            utc: self.form.flag("utc")?.unwrap_or(false),
            user: server.user(),
        })
    }

    /// Writes a reply.
    fn reply<T: Serialize>(&self, body: &T) -> Reply {
        let pretty = self.form.flag("pretty").ok().flatten().unwrap_or(false);
        let bytes = if pretty {
            serde_json::to_vec_pretty(body)
        } else {
            serde_json::to_vec(body)
        };
        bytes.map_err(|error| {
            tracing::error!(%error, "a reply has no JSON form");
            Refusal::new(Code::Trouble, "the server could not write its answer")
        })
    }

    fn done(&self, message: Option<&'static str>) -> Reply {
        self.reply(&Done {
            success: true,
            message,
        })
    }
}
