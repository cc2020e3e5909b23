//! Placeholder: the next commit.
