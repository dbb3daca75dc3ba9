//! The answer to connections that are too many.

use std::future::poll_fn;
use std::io::{ErrorKind, Result, Write};
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::error::{Code, Error};

/// Refusals that wait for a client's request and its farewell; all beyond are written blindly.
const POLITE_REFUSALS: usize = 64;
/// How long a polite refusal waits for the request, and as long again for the client's farewell.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) struct Refusals {
    answer: Arc<[u8]>,
    polite: Arc<Semaphore>,
}

impl Refusals {
    pub(super) fn new(max_connections: usize) -> Self {
        let message = format!("{max_connections} connections are open, as many as are allowed");
        let hint = "try again in a moment, keep connections alive, or raise --max-connections";
        let error = Error::new(Code::ServerBusy, message).hint(hint);
        let mut body = json!({ "error": error }).to_string();
        body.push('\n');
        let answer = format!(
            "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        Self { answer: answer.into_bytes().into(), polite: Arc::new(Semaphore::new(POLITE_REFUSALS)) }
    }

    /// Says no, and closes the connection.
    pub(super) fn refuse(&self, stream: TcpStream) {
        let Ok(permit) = Arc::clone(&self.polite).try_acquire_owned() else {
            let _ = refuse_blindly(stream, &self.answer);
            return;
        };
        let answer = Arc::clone(&self.answer);
        tokio::spawn(async move {
            let _permit = permit;
            let _ = refuse_politely(stream, &answer).await;
        });
    }
}

/// The buffer of a new connection has room, so nothing waits.
fn refuse_blindly(stream: TcpStream, answer: &[u8]) -> Result<()> {
    let mut stream = stream.into_std()?;
    stream.write_all(answer)?;
    stream.shutdown(Shutdown::Write)
}

/// An answer that stands there before the request is a fault to some clients, and one that is followed
/// by a reset is lost to others: both are avoided while there are few.
async fn refuse_politely(mut stream: TcpStream, answer: &[u8]) -> Result<()> {
    let _ = timeout(PATIENCE, stream.readable()).await;
    stream.writable().await?;
    stream.try_write(answer)?;
    poll_fn(|context| Pin::new(&mut stream).poll_shutdown(context)).await?;
    let _ = timeout(PATIENCE, discard(&stream)).await;
    Ok(())
}

/// Reads until the client closes.
async fn discard(stream: &TcpStream) -> Result<()> {
    let mut bytes = [0; 4096];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut bytes) {
            Ok(0) => return Ok(()),
            Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
            _ => {}
        }
    }
}
