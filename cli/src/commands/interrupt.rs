//! Ctrl-C: the first asks for an orderly end, the second ends the program at once.
//!
//! Ending at once is safe too, like being killed: it only says less.

use std::future::pending;

use tokio::sync::watch;

use super::show;
use crate::exit;

/// Somebody may press Ctrl-C.
pub struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// From now on, Ctrl-C doesn't end the program: the first says that, and the second does.
    pub fn listen(says: &'static str) -> Self {
        let (sender, receiver) = watch::channel(false);
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_err() {
                // Then Ctrl-C does what it always does. The sender stays, so that nobody takes its end for a word.
                sender.closed().await;
                return;
            }
            show::note(says);
            sender.send_replace(true);
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(exit::INTERRUPTED.into());
            }
        });
        Self(receiver)
    }

    /// Whether Ctrl-C was pressed.
    pub fn is_pressed(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the first Ctrl-C.
    pub async fn wait(&mut self) {
        if self.0.wait_for(|pressed| *pressed).await.is_err() {
            pending().await
        }
    }
}
