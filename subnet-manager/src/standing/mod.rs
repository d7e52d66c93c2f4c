//! Which of several managers is the master (IBTA volume 1, 14.4.1).

mod machine;
#[cfg(test)]
mod machine_test;

pub(crate) use machine::{Found, Request, Standing, Verdict};
pub use machine::{ManagerState, Rank};
