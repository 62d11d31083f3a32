//! Inherited variables and stamps that somebody has filled with code.
