//! `derek token`.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand};
use comfy_table::Table;

use super::print;
use crate::catalog::{Access, Permission, Store, Token};
use crate::error::{Code, Error, Result};

/// Arguments of `derek token`.
#[derive(Debug, Args)]
pub(super) struct Tokens {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a token and print its secret, which is shown this once.
    Create(Create),
    /// List the tokens, without their secrets.
    List(StoreOnly),
    /// Make a token worth nothing from now on.
    Revoke(Revoke),
}

#[derive(Debug, Args)]
struct StoreOnly {
    /// The folder of the store.
    #[arg(long, env = "DEREK_STORE", value_name = "DIR")]
    store: PathBuf,
}

#[derive(Debug, Args)]
struct Create {
    #[command(flatten)]
    store: StoreOnly,
    /// What the token is called in lists and logs.
    #[arg(long, env = "DEREK_NAME", value_name = "NAME")]
    name: String,
    /// What its holder may do: publish:APIURI, requests or all; several times for several.
    #[arg(long, env = "DEREK_CAN", value_name = "PERMISSION", required = true)]
    can: Vec<Permission>,
    /// The day, in UTC, from which on it is worth nothing [default: never].
    #[arg(long, env = "DEREK_EXPIRES", value_name = "YYYY-MM-DD", value_parser = day)]
    expires: Option<DateTime<Utc>>,
}

#[derive(Debug, Args)]
struct Revoke {
    #[command(flatten)]
    store: StoreOnly,
    /// The token's name.
    name: String,
}

fn day(text: &str) -> std::result::Result<DateTime<Utc>, String> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0));
    day.map(|day| day.and_utc()).ok_or_else(|| "expected a day, such as 2027-12-31".to_owned())
}

impl Tokens {
    pub(super) fn run(&self) -> Result<ExitCode> {
        match &self.command {
            Command::Create(create) => create.run()?,
            Command::List(list) => list.run()?,
            Command::Revoke(revoke) => revoke.run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl StoreOnly {
    fn open(&self) -> Result<Store> {
        Store::open(&self.store, Access::Tokens)
    }

    fn run(&self) -> Result<()> {
        let mut table = Table::new();
        table.load_preset(comfy_table::presets::UTF8_FULL_CONDENSED);
        table.set_header(["name", "can", "created", "expires", "revoked"]);
        let shown = |at: Option<DateTime<Utc>>| {
            at.map_or(String::new(), |at| at.format("%Y-%m-%d %H:%M").to_string())
        };
        for token in self.open()?.tokens()? {
            let can: Vec<String> = token.can.iter().map(ToString::to_string).collect();
            let (created, expires) = (shown(Some(token.created_at)), shown(token.expires_at));
            table.add_row([token.name, can.join(", "), created, expires, shown(token.revoked_at)]);
        }
        print(format!("{table}\n").as_bytes())
    }
}

impl Create {
    fn run(&self) -> Result<()> {
        let token = Token {
            name: self.name.clone(),
            can: self.can.clone(),
            created_at: Utc::now(),
            expires_at: self.expires,
            revoked_at: None,
        };
        let mut random = [0; 32];
        File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut random)).map_err(|error| {
            Error::new(Code::ServerSetup, "the system gives no random numbers").caused_by(error)
        })?;
        let secret = self.store.open()?.create_token(&token, random)?;
        print(format!("{secret}\n").as_bytes())
    }
}

impl Revoke {
    fn run(&self) -> Result<()> {
        if self.store.open()?.revoke_token(&self.name, Utc::now())? {
            return print(format!("{} is revoked\n", self.name).as_bytes());
        }
        Err(Error::new(Code::StoreToken, format!("no token is called '{}'", self.name))
            .hint("derek token list shows them"))
    }
}
