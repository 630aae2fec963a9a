//! `qurate serve`: the server alone, until a signal.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::cli::{Exit, Serve};
use crate::config::Config;
use crate::config::paths::{self, Paths};
use crate::runtime::Ends;
use crate::server::{self, Clock, OpenError, Server, Token};
use crate::store::Place;

use super::answer::{self, Doors, Socket};
use super::environment::Environment;
use super::throwaway::Throwaway;
use super::{Failure, log, say};

/// How long a publishing program may go on after the signal; what it did not say by then counts as
/// "may have been sent".
const LAST_PUBLICATION: Duration = Duration::from_secs(10);

/// How many updates the sample data has per profile.
pub(super) const SAMPLE: u32 = 24;

/// Runs the server until a signal ends it.
pub(super) fn serve(
    options: &Serve,
    paths: &Paths,
    config: &Config,
    environment: &Environment,
) -> Result<Exit, Failure> {
    let failed = |e: io::Error| Failure::new(Exit::Error, format!("the server cannot run: {e}"));
    let temporary = std::env::temp_dir();
    let throwaway = options
        .demo
        .then(|| Throwaway::make(&temporary))
        .transpose()
        .map_err(failed)?;
    let paths = match &throwaway {
        Some(throwaway) => paths.below(throwaway.path(), &temporary),
        None => paths.clone(),
    };
    paths.make().map_err(|e| Failure::new(Exit::Error, e))?;
    log::start(&paths.log(), environment.log.as_deref());
    for warning in &config.warnings {
        say(&format!("qurate: {warning}"));
    }
    let settings = settings(options, &paths, config, environment)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let exit = runtime.block_on(run(settings, options, &paths));
    // A request for a name or a file that hangs must not hold up the end.
    runtime.shutdown_background();
    exit
}

fn settings(
    options: &Serve,
    paths: &Paths,
    config: &Config,
    environment: &Environment,
) -> Result<server::Config, Failure> {
    let database = match (&options.database, options.demo) {
        (Some(file), _) => Place::File(absolute(file)?),
        (None, true) => Place::Memory,
        (None, false) => Place::File(paths.database()),
    };
    let token = match &environment.server_token {
        Some(token) => Token::new(token.reveal()),
        None if options.listen.is_some() => Some(kept_token(&paths.data.join("token"))?),
        None => Some(kept_quietly(&paths.data.join("token"))?),
    };
    let token = token.ok_or_else(|| Failure::new(Exit::Usage, "QURATE_SERVER_TOKEN is empty"))?;
    let mut settings = server::Config::new(database, token);
    answer::configure(&mut settings, &config.server);
    settings.rate_limit = options.rate_limit.or(settings.rate_limit);
    settings.demo = options.demo.then(|| options.updates.unwrap_or(SAMPLE));
    Ok(settings)
}

/// Reads or makes the token, and says where it is: other programs will need it.
fn kept_token(file: &Path) -> Result<Token, Failure> {
    let token = kept_quietly(file)?;
    say(&format!(
        "qurate: the access token is in {}",
        file.display()
    ));
    Ok(token)
}

/// Reads or makes the token. On the socket nobody needs it.
pub(super) fn kept_quietly(file: &Path) -> Result<Token, Failure> {
    Token::kept_in(file).map_err(|e| {
        let file = file.display();
        Failure::new(
            Exit::Error,
            format!("the token file {file} cannot be used: {e}"),
        )
    })
}

async fn run(settings: server::Config, options: &Serve, paths: &Paths) -> Result<Exit, Failure> {
    let failed = |e: io::Error| Failure::new(Exit::Error, format!("the server cannot run: {e}"));
    let mut signals = Ends::take().map_err(failed)?;
    let doors = Doors {
        tcp: listen(options).await?,
        socket: bind(options, paths)?,
    };
    let server = server::open(settings, Clock::system())
        .await
        .map_err(|e| refused(&e))?;
    announce(&doors, options, paths);
    let (stop, stopped) = watch::channel(false);
    let mut working = std::pin::pin!(work(&server, doors, stopped));
    let exit = tokio::select! {
        ended = &mut working => return ended.map(|()| Exit::Ok).map_err(failed),
        number = signals.next() => Exit::Signal(number),
    };
    tracing::info!(code = exit.code(), "a signal ends the server");
    let _ = stop.send(true);
    tokio::select! {
        ended = &mut working => ended.map_err(failed)?,
        // Who sends a second signal does not want to wait.
        _ = signals.next() => {}
    }
    Ok(exit)
}

async fn work(server: &Server, doors: Doors, stop: watch::Receiver<bool>) -> io::Result<()> {
    answer::answer(server, doors, stop, LAST_PUBLICATION).await
}

async fn listen(options: &Serve) -> Result<Option<TcpListener>, Failure> {
    let Some(address) = options.listen else {
        return Ok(None);
    };
    TcpListener::bind(address).await.map(Some).map_err(|e| {
        let problem = format!("cannot listen on {address}: {e}; port 0 picks a free one");
        Failure::new(Exit::Error, problem)
    })
}

/// The socket it answers on: the one asked for; else the usual one, where an editor looks for the
/// usual database.
fn bind(options: &Serve, paths: &Paths) -> Result<Option<Socket>, Failure> {
    let unusual = options.demo || options.database.is_some();
    if options.socket.is_none() && unusual && options.listen.is_some() {
        return Ok(None);
    }
    let path = socket_path(options, paths)?;
    let cannot = |e: &dyn std::fmt::Display| {
        let path = path.display();
        Failure::new(
            Exit::Error,
            format!("cannot listen on the socket {path}: {e}"),
        )
    };
    if let Some(directory) = path.parent().filter(|_| options.socket.is_none()) {
        paths::make(directory).map_err(|e| cannot(&e))?;
    }
    match Socket::bind(&path) {
        Ok(Some(socket)) => Ok(Some(socket)),
        Ok(None) => Err(cannot(
            &"another server does already (an open editor has one inside); close it, or use \
              --socket PATH and --database FILE for a second one",
        )),
        Err(e) => Err(cannot(&e)),
    }
}

fn socket_path(options: &Serve, paths: &Paths) -> Result<PathBuf, Failure> {
    match &options.socket {
        Some(path) => absolute(path),
        None => Ok(paths.socket.clone()),
    }
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|e| Failure::new(Exit::Usage, e))
}

fn refused(error: &OpenError) -> Failure {
    let hint = match error {
        OpenError::InUse(_) => "; close that server or editor, or use --database FILE",
        OpenError::Lock { .. } | OpenError::Store(_) => "",
    };
    Failure::new(Exit::Error, format!("{error}{hint}"))
}

/// The one line of the contract, once connections are accepted; nothing else ever goes to standard
/// output.
fn announce(doors: &Doors, options: &Serve, paths: &Paths) {
    match doors.tcp.as_ref().map(TcpListener::local_addr) {
        Some(Ok(address)) => {
            let mut out = io::stdout().lock();
            // Who closed our output does not wait for the line.
            let _ = writeln!(out, "listening on http://{address}/1/").and_then(|()| out.flush());
        }
        _ => {
            if let Ok(path) = socket_path(options, paths) {
                say(&format!(
                    "qurate: listening on the socket {}",
                    path.display()
                ));
            }
        }
    }
}
