//! What is in the subnet: found link by link, by directed routes.

mod draft;
mod links;
mod probe;

pub(crate) use draft::{Draft, Question};
