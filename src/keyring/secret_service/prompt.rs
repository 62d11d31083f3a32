//! Its dialogues, which the desktop shows and a person answers.

use std::time::{Duration, Instant};

use super::fault::Fault;
use super::service::Service;
use crate::keyring::dbus::{Body, Call, Message};
use crate::terminal;

const PROMPT: &str = "org.freedesktop.Secret.Prompt";

/// A dialogue that is not answered by itself by then needs a word: it may be on another screen.
const A_WORD: Duration = Duration::from_secs(1);

/// Without a screen it may never be answered.
const WAITING: &str = "waiting for the keyring's password in a dialogue of the desktop … (Ctrl-C to stop; without a desktop: \
                       `awsenv keyring --help`)";

impl Service {
    /// Lets a dialogue be shown and waits until the person has answered it; the person may stop that with Ctrl-C.
    pub(super) fn ask(&mut self, prompt: &str) -> Result<Message, Fault> {
        if !self.may_ask {
            return Err(Fault::WouldAsk);
        }
        let (answered, stopped) = terminal::noting_ctrl_c(|| self.completed(prompt));
        match answered? {
            Some(answer) if answer.body("bv")?.bool()? => Err(Fault::Dismissed),
            Some(answer) if !stopped => Ok(answer),
            _ => {
                // It is closed; whether that works, nobody waits for any more.
                let dismiss = Call { destination: &self.name, path: prompt, interface: PROMPT, member: "Dismiss" };
                let _ = self.bus.tell(dismiss, &Body::empty());
                Err(Fault::Stopped)
            }
        }
    }

    /// The signal that ends it; `None`: Ctrl-C.
    fn completed(&mut self, prompt: &str) -> Result<Option<Message>, Fault> {
        self.bus.listen(prompt, PROMPT, "Completed")?;
        let begin = Instant::now();
        let mut said = false;
        let go_on = || {
            if !said && begin.elapsed() >= A_WORD {
                said = true;
                terminal::say(WAITING);
            }
            !terminal::interrupted()
        };
        let call = Call { destination: &self.name, path: prompt, interface: PROMPT, member: "Prompt" };
        // The handle of a window that the dialogue belongs to; a terminal's is not known.
        let window = Body::new("s", |w| w.string(""));
        Ok(self.bus.call_until(call, &window, "Completed", go_on)?)
    }
}
