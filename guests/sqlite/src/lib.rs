//! SQL in a file.
