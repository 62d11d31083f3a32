//! What awsenv remembers between two runs. No secret is kept, and nothing that is read back is trusted: whoever can set a
//! variable can choose the folder. Without a usable folder nothing is remembered, silently.

pub mod asking;
mod dir;
mod ledger;
mod lock;
mod memory;
mod salt;
mod turn;

pub use dir::StateDir;
pub use memory::{Line, Memory, Shell, Skew};
pub use turn::{ProxyTurn, SessionTurn};
