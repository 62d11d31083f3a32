//! Ctrl-C, Ctrl-Break and a closed window, which Windows tells in a thread of its own.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};

/// Ctrl-C is only noted, not the end.
static NOTED_ONLY: AtomicBool = AtomicBool::new(false);
/// It came.
static CAME: AtomicBool = AtomicBool::new(false);
/// What to do before the process ends by one of them.
static AT_END: Mutex<Option<Box<dyn FnOnce() + Send>>> = Mutex::new(None);

/// While this lives, Ctrl-C and Ctrl-Break do not end this process; programs started by it are not spared.
#[derive(Debug)]
pub struct Watch(());

/// Begins to watch; `at_end` is done if the process is ended meanwhile, by a closed window or a panic.
///
/// # Errors
/// As the system gives them.
pub fn watch(at_end: impl FnOnce() + Send + 'static) -> io::Result<Watch> {
    static REGISTERED: OnceLock<Result<(), i32>> = OnceLock::new();
    let registered = REGISTERED.get_or_init(|| {
        let former = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // The release profile aborts on panic: no destructor runs.
            end();
            former(panic);
        }));
        // SAFETY: the function stays as long as the process.
        // (Not the handler `None`, which would make the programs that are started deaf too.)
        super::check(unsafe { SetConsoleCtrlHandler(Some(told), 1) }).map_err(|e| e.raw_os_error().unwrap_or_default())
    });
    registered.map_err(io::Error::from_raw_os_error)?;
    *at_end_slot() = Some(Box::new(at_end));
    CAME.store(false, Ordering::SeqCst);
    NOTED_ONLY.store(true, Ordering::SeqCst);
    Ok(Watch(()))
}

impl Watch {
    /// Whether one came since the last look.
    pub fn came(&self) -> bool {
        CAME.swap(false, Ordering::SeqCst)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        NOTED_ONLY.store(false, Ordering::SeqCst);
        at_end_slot().take();
    }
}

/// Whether it is dealt with; else the next handler, at last the system's own, ends the process.
extern "system" fn told(what: u32) -> i32 {
    if matches!(what, CTRL_C_EVENT | CTRL_BREAK_EVENT) && NOTED_ONLY.load(Ordering::SeqCst) {
        CAME.store(true, Ordering::SeqCst);
        return 1;
    }
    end();
    0
}

fn end() {
    if let Some(last) = at_end_slot().take() {
        last();
    }
}

fn at_end_slot() -> std::sync::MutexGuard<'static, Option<Box<dyn FnOnce() + Send>>> {
    AT_END.lock().unwrap_or_else(PoisonError::into_inner)
}
