//! How the instances of one account hear of each other: a socket, and words too small to matter.
//!
//! The one that sends listens, the others connect. What goes over the socket is "something was
//! stored", "read everything again" and the state of the line; all else is read from the store. So
//! whatever comes over it can do no more than make somebody look, and without it everything works,
//! only later.
//!
//! Every connection has a task of its own. What is said and what is heard are values of which only
//! the newest counts, so nothing piles up and nobody waits for a peer that does not read.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::protocol::Link;

/// Instances that are listened to at once.
const MOST: usize = 16;
/// The longest word, in bytes.
const LONGEST: usize = 2048;
/// What is told of a reason, in characters.
const REASON: usize = 300;
/// A rest after each word said or heard: many changes become one word, and a flood a trickle.
const REST: Duration = Duration::from_millis(5);
/// Until the first try to reach the next leader; it doubles with each, so that a leader without a
/// socket wakes nobody up.
const FIRST_TRY: Duration = Duration::from_millis(10);
const LAST_TRY: Duration = Duration::from_mins(1);

const CHANGED: &[u8] = b"changed";
const READ: &[u8] = b"read";
const LINK: &[u8] = b"link ";

/// What an instance tells the others; only the newest counts.
#[derive(Debug, Clone, Default, PartialEq)]
struct Said {
    /// Grows with everything that was stored.
    changes: u64,
    /// Grows with every wish of a follower's person that all be read again.
    wishes: u64,
    /// The leader's line.
    link: Option<Link>,
}

/// What another instance said.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// How its line is, if it said that.
    pub(super) link: Option<Link>,
    /// Whether its person wants everything read again.
    pub(super) wants_read: bool,
}

/// The other instances of the account.
#[derive(Debug)]
pub(super) struct Peers {
    said: watch::Sender<Said>,
    heard: watch::Receiver<Said>,
    /// The wishes that were heard of.
    wishes: u64,
    /// Where the others come in, if this one leads.
    door: Option<Door>,
    /// Ended with this.
    _tasks: JoinSet<()>,
}

impl Peers {
    /// Nobody is there and nobody can come.
    pub(super) fn none() -> Self {
        Self {
            said: watch::Sender::default(),
            heard: watch::channel(Said::default()).1,
            wishes: 0,
            door: None,
            _tasks: JoinSet::new(),
        }
    }

    /// Listens for the others. The caller holds the account's lock, so what is at this path is of
    /// one that is gone.
    pub(super) fn listen(path: &Path) -> io::Result<Self> {
        let (door, listener) = Door::open(path)?;
        let said = watch::Sender::new(Said::default());
        let (hear, heard) = watch::channel(Said::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(receive(listener, said.clone(), hear));
        Ok(Self {
            said,
            heard,
            wishes: 0,
            door: Some(door),
            _tasks: tasks,
        })
    }

    /// Connects to the one that listens, and again when that is another.
    pub(super) fn follow(path: &Path) -> Self {
        let (said, mine) = watch::channel(Said::default());
        let (hear, heard) = watch::channel(Said::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(follow(path.to_owned(), mine, hear));
        Self {
            said,
            heard,
            wishes: 0,
            door: None,
            _tasks: tasks,
        }
    }

    /// Says whether others listen to this one: who listens takes over when it ends.
    pub(super) fn has_followers(&self) -> bool {
        self.door.is_some() && self.said.receiver_count() > 0
    }

    /// Tells the others that something was stored.
    pub(super) fn tell(&self) {
        self.said.send_modify(|said| said.changes += 1);
    }

    /// Asks the one that sends to read everything again.
    pub(super) fn wish(&self) {
        self.said.send_modify(|said| said.wishes += 1);
    }

    /// Tells the others how the line is.
    pub(super) fn tell_link(&self, link: &Link) {
        self.said
            .send_modify(|said| said.link = Some(shortened(link)));
    }

    /// Waits until another instance has said something.
    pub(super) async fn heard(&mut self) -> Heard {
        if self.heard.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        let said = self.heard.borrow_and_update().clone();
        let before = std::mem::replace(&mut self.wishes, said.wishes);
        Heard {
            link: said.link,
            wants_read: said.wishes > before,
        }
    }
}

/// A socket file; removed when this is dropped, unless another leader has made one in its place.
#[derive(Debug)]
struct Door {
    path: PathBuf,
    inode: u64,
}

impl Door {
    fn open(path: &Path) -> io::Result<(Self, UnixListener)> {
        match fs::symlink_metadata(path) {
            Ok(found) if found.file_type().is_socket() => fs::remove_file(path)?,
            Ok(_) => {
                let reason = format!("{} is there and is no socket", path.display());
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, reason));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        let door = Self {
            path: path.to_owned(),
            inode: fs::symlink_metadata(path)?.ino(),
        };
        Ok((door, listener))
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|found| found.ino() == self.inode) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Takes in whoever connects.
async fn receive(listener: UnixListener, said: watch::Sender<Said>, hear: watch::Sender<Said>) {
    let mut guests = JoinSet::new();
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of files, as a rule: trying again at once would only burn the processor.
                tracing::warn!(%error, "another editor could not be let in");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        while guests.try_join_next().is_some() {}
        if guests.len() >= MOST || !is_same_user(&stream) {
            tracing::warn!("a connection from another user, or one too many, was closed");
            continue;
        }
        let (said, hear) = (said.subscribe(), hear.clone());
        guests.spawn(async move {
            talk(stream, said, &hear, Ear::Leader).await;
            // It may have stored something that it had no time to tell.
            hear.send_modify(|heard| heard.changes += 1);
        });
    }
}

/// Keeps a connection to whoever listens.
async fn follow(path: PathBuf, mut said: watch::Receiver<Said>, hear: watch::Sender<Said>) {
    let mut wait = FIRST_TRY;
    loop {
        if let Ok(stream) = UnixStream::connect(&path).await
            && is_same_user(&stream)
        {
            if talk(stream, said.clone(), &hear, Ear::Follower).await {
                wait = FIRST_TRY;
            }
            // Whoever that was, it said its last word, and what came after is not known.
            hear.send_modify(|heard| {
                heard.link = None;
                heard.changes += 1;
            });
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            // Something was stored here: worth a try now.
            told = said.changed() => if told.is_err() { return },
        }
        wait = (wait * 2).min(LAST_TRY);
    }
}

/// Who listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ear {
    Leader,
    Follower,
}

/// Talks until the other end is gone or talks nonsense. Says whether it ever made sense.
async fn talk(
    stream: UnixStream,
    said: watch::Receiver<Said>,
    hear: &watch::Sender<Said>,
    ear: Ear,
) -> bool {
    let (reader, writer) = stream.into_split();
    let mut made_sense = false;
    tokio::select! {
        () = listen(reader, hear, ear, &mut made_sense) => {}
        () = speak(writer, said, ear) => {}
    }
    made_sense
}

/// Says what is new, the state of things first; of the line only the leader speaks.
async fn speak(mut writer: impl AsyncWrite + Unpin, mut said: watch::Receiver<Said>, ear: Ear) {
    let mut link = None;
    // What was wished for from another leader is not this one's to do.
    let mut wishes = said.borrow().wishes;
    said.mark_changed();
    while said.changed().await.is_ok() {
        let now = said.borrow_and_update().clone();
        let mut words = Vec::new();
        if ear == Ear::Leader
            && now.link != link
            && let Some(new) = &now.link
            && let Ok(text) = serde_json::to_vec(new)
        {
            words.extend_from_slice(LINK);
            words.extend(text);
            words.push(b'\n');
        }
        link = now.link;
        if ear == Ear::Follower && now.wishes > wishes {
            words.extend_from_slice(READ);
            words.push(b'\n');
        }
        wishes = now.wishes;
        words.extend_from_slice(CHANGED);
        words.push(b'\n');
        if writer.write_all(&words).await.is_err() {
            return;
        }
        tokio::time::sleep(REST).await;
    }
}

/// Hears words until one is none.
async fn listen(
    mut reader: impl AsyncRead + Unpin,
    hear: &watch::Sender<Said>,
    ear: Ear,
    made_sense: &mut bool,
) {
    let mut buffer = [0; 512];
    let mut word = Vec::new();
    while let Ok(read @ 1..) = reader.read(&mut buffer).await {
        let (mut changed, mut wishes, mut link) = (false, 0, None);
        for &byte in buffer.get(..read).unwrap_or_default() {
            if byte != b'\n' {
                word.push(byte);
                if word.len() > LONGEST {
                    return;
                }
                continue;
            }
            match understand(&word, ear) {
                Some(Word::Changed) => {}
                Some(Word::Read) => wishes += 1,
                Some(Word::Link(new)) => link = Some(new),
                None => {
                    tracing::warn!("what came over the socket of this account is no word of ours");
                    return;
                }
            }
            changed = true;
            word.clear();
        }
        if changed {
            *made_sense = true;
            hear.send_modify(|heard| {
                heard.changes += 1;
                heard.wishes += wishes;
                if link.is_some() {
                    heard.link = link;
                }
            });
        }
        tokio::time::sleep(REST).await;
    }
}

/// A word that makes sense.
#[derive(Debug)]
enum Word {
    Changed,
    Read,
    Link(Link),
}

/// Reads a word; none if it is none. A leader takes the line of nobody, a follower reads for nobody.
fn understand(word: &[u8], ear: Ear) -> Option<Word> {
    if word == CHANGED {
        return Some(Word::Changed);
    }
    if word == READ && ear == Ear::Leader {
        return Some(Word::Read);
    }
    let link = word.strip_prefix(LINK).filter(|_| ear == Ear::Follower)?;
    serde_json::from_slice(link).ok().map(Word::Link)
}

/// A link whose reason is no longer than a word may be.
fn shortened(link: &Link) -> Link {
    let short = |reason: &str| reason.chars().take(REASON).collect();
    match link {
        Link::Offline { since, reason } => Link::Offline {
            since: *since,
            reason: short(reason),
        },
        Link::SignIn { reason } => Link::SignIn {
            reason: short(reason),
        },
        Link::Connecting | Link::Online { .. } | Link::Limited { .. } | Link::Follower => {
            link.clone()
        }
    }
}

/// Says whether the other end belongs to the same user.
fn is_same_user(stream: &UnixStream) -> bool {
    stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == rustix::process::getuid().as_raw())
}

#[cfg(test)]
mod tests;
