//! The passport: a filled example against files that were read by eye, the order's wording, hostile values, the
//! steps; then what a dataset fills in, its profile, the route and the command.

mod annex;
mod astana_pharmacies;
mod escaping;
mod filled;
mod pharmacies;
mod profile;
mod restricted;
mod route;
mod state;
mod steps;
