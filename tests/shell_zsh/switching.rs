//! use, leave, off.
