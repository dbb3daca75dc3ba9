//! How do requests come in, and how does one stand?
//!
//! Order 144 of 2021, paragraphs 7 to 10. Two doors take requests and events, HTTP and a command: [`filed`] and
//! [`happened`] read what comes, with what tells of persons masked, and [`unpublished`] says which publications are
//! not known here. [`Inquiry`] asks how one request stands: the named query `request_status` tells its state and its
//! clocks, and a [`Status`] is written as JSON or as a page for who asked.

mod address;
mod clock;
mod form;
mod inquiry;
mod intake;
mod page;
mod publication;
mod secret;
mod status;
mod steps;
mod words;

pub use address::{of_dataset, of_request};
pub use clock::Clock;
pub use form::Form;
pub use inquiry::Inquiry;
pub use intake::{filed, happened};
pub use page::unknown_page;
pub use publication::{Unpublished, unpublished};
pub use secret::secret;
pub use status::Status;
