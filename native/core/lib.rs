//! Turns bytes and paths into facts and answers; knows nothing of Python.

pub mod components;
pub mod extract;
pub mod facts;
pub mod globs;
pub mod index;
pub mod link;
pub mod markdown;
pub mod pattern;
pub mod resolve;
pub mod secrets;
