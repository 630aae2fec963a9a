//! Who is signed in, what the account can do, and which profiles it has.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use super::{Account, Done, Lane, Worker};
use crate::api::{Api, ApiError, Class};
use crate::domain::id::{ProfileId, UserId};
use crate::domain::profile::Profile;
use crate::protocol::{Capabilities, Link, SyncEvent};
use crate::sync::backoff::jittered;
use crate::sync::budget::Rank;
use crate::sync::disk::Write;

/// What is known once the API has said who is signed in.
pub(super) struct SignedIn {
    user: UserId,
    capabilities: Option<Capabilities>,
    profiles: Vec<Profile>,
}

impl<A: Api> Worker<A> {
    /// Asks who is signed in, what the account can do, and which profiles it has.
    pub(super) fn sign_in(&mut self) {
        self.account = Account::Asking;
        let (api, gate) = (Arc::clone(&self.api), Rc::clone(&self.gate));
        let local = self.settings.local;
        self.tasks.push(Box::pin(async move {
            let ask = async {
                gate.pass_now().await;
                let user = api.user().await?;
                gate.pass_now().await;
                let ours = match api.configuration().await {
                    Ok(ours) => ours,
                    // A server without the endpoint is none of ours.
                    Err(error) if error.class() == Class::Refused => None,
                    Err(error) => return Err(error),
                };
                gate.pass_now().await;
                let profiles = api.profiles().await?;
                let has = |word: &str, of: &[String]| of.iter().any(|w| w == word);
                let capabilities = ours.map(|ours| Capabilities {
                    manage_profiles: has("manage_profiles", &ours.capabilities),
                    pause: has("pause", &ours.capabilities),
                    failed: has("failed", &ours.capabilities),
                    local,
                    connections: ours.connections,
                    requests_per_minute: ours.requests_per_minute,
                });
                Ok(SignedIn {
                    user,
                    capabilities,
                    profiles,
                })
            };
            Done::Account(ask.await)
        }));
    }

    pub(super) async fn signed_in(&mut self, result: Result<SignedIn, ApiError>) {
        let signed = match result {
            Ok(signed) => signed,
            Err(error) if error.class() == Class::SignIn => return self.refused_token(&error),
            Err(error) => {
                self.account = Account::Unknown;
                self.refuse_asks(&error.to_string());
                return self.line_fails(&error);
            }
        };
        match self.disk.fact("user").await {
            Ok(Some(user)) if user != signed.user.as_str() => {
                self.account = Account::Refused;
                let link = self.line.set(Link::SignIn {
                    reason: format!(
                        "this token is of another person than the updates kept for account {}; \
                         nothing is sent: use its token, or another account",
                        self.settings.account
                    ),
                });
                return self.emit_link(link);
            }
            Ok(Some(_)) => {}
            Ok(None) => {
                let fact = Write::Fact("user", signed.user.as_str().to_owned());
                self.record(vec![fact], Vec::new()).await;
            }
            Err(error) => {
                self.account = Account::Unknown;
                self.line.open_at = self.clock.elapsed() + self.settings.pace.save_again;
                self.refuse_asks(&self.disk.explain(&error));
                return self.trouble(&error);
            }
        }
        self.account = Account::Ready;
        self.line_works();
        self.take_limit(signed.capabilities.as_ref()).await;
        let capabilities = signed.capabilities.unwrap_or(Capabilities {
            manage_profiles: false,
            pause: false,
            failed: false,
            local: self.settings.local,
            connections: Vec::new(),
            requests_per_minute: self.settings.requests_per_minute,
        });
        self.lists_failed = capabilities.failed;
        self.emit(SyncEvent::Capabilities(capabilities));
        self.emit(SyncEvent::Profiles(signed.profiles.clone()));
        self.profiles_read(Ok(signed.profiles)).await;
    }

    pub(super) async fn profiles_read(&mut self, result: Result<Vec<Profile>, ApiError>) {
        self.profiles_busy = false;
        let now = self.clock.elapsed();
        let poll = self.settings.pace.poll_others;
        self.profiles_at = if std::mem::take(&mut self.profiles_again) {
            now
        } else {
            now + jittered(poll, &mut self.random)
        };
        let profiles = match result {
            Ok(profiles) => profiles,
            Err(error) => match error.class() {
                Class::SignIn => return self.refused_token(&error),
                Class::Refused => return self.line_works(),
                Class::Retry | Class::Unknown => {
                    self.profiles_at = now;
                    return self.line_fails(&error);
                }
            },
        };
        self.line_works();
        for profile in &profiles {
            let prepared = self.prepared.remove(&profile.id);
            self.lanes
                .entry(profile.id.clone())
                .or_insert_with(|| Lane {
                    read_at: now,
                    sent_due: true,
                    ..prepared.unwrap_or_default()
                });
        }
        // One that comes back later comes without what was known of it.
        self.prepared.clear();
        let there: HashSet<&ProfileId> = profiles.iter().map(|profile| &profile.id).collect();
        self.lanes
            .retain(|id, lane| lane.busy.is_some() || there.contains(id));
        self.kept.retain(|id, _| there.contains(id));
        if profiles != self.profiles {
            self.profiles.clone_from(&profiles);
            let news = vec![SyncEvent::Profiles(profiles.clone())];
            self.record(vec![Write::Profiles(profiles)], news).await;
        }
    }

    pub(super) fn start_profiles(&mut self) {
        self.profiles_busy = true;
        let (api, gate) = (Arc::clone(&self.api), Rc::clone(&self.gate));
        self.tasks.push(Box::pin(async move {
            gate.pass(Rank::Change).await;
            Done::Profiles(api.profiles().await)
        }));
    }
}
