use std::io::{self, IsTerminal};

use bookshelf_domain::Change;
use bookshelf_domain::accounts::{RegistrationDraft, User};

use super::OPERATOR;
use crate::cli::{AdminCommand, PasswordArgs};
use crate::failure::Failure;
use crate::services::Services;
use crate::settings::Settings;

/// Creates or changes an account; returns what was done.
pub(crate) async fn run(settings: &Settings, command: &AdminCommand) -> Result<String, Failure> {
    // The password is read first, so that a failure does not leave a new database behind.
    let password = match command {
        AdminCommand::Create(args) | AdminCommand::ResetPassword(args) => password(args)?,
        AdminCommand::Promote(_) => String::new(),
    };
    let (AdminCommand::Create(PasswordArgs { account, .. })
    | AdminCommand::ResetPassword(PasswordArgs { account, .. })
    | AdminCommand::Promote(account)) = command;
    let services = Services::open_current(settings, account.schema.migrate)?;
    let accounts = services.accounts(services.access_tokens()?)?;
    let named = |user: &User| format!("{} (user {})", user.email.as_str(), user.id);
    match command {
        AdminCommand::Create(args) => {
            let draft = RegistrationDraft {
                email: Change::Set(args.account.email.clone()),
                password: Change::Set(password),
                ..RegistrationDraft::default()
            };
            let user = accounts.create_admin(OPERATOR, draft).await.map_err(Failure::account)?;
            Ok(format!("created the admin {}", named(&user)))
        }
        AdminCommand::Promote(args) => {
            let user = accounts.promote(OPERATOR, &args.email).await.map_err(Failure::account)?;
            Ok(format!("{} is an admin", named(&user)))
        }
        AdminCommand::ResetPassword(args) => {
            let user = accounts
                .reset_password(OPERATOR, &args.account.email, &password)
                .await
                .map_err(Failure::account)?;
            Ok(format!("set the password of {} and ended its sessions", named(&user)))
        }
    }
}

fn password(args: &PasswordArgs) -> Result<String, Failure> {
    let unread = |error: io::Error| Failure::because("cannot read the password", &error);
    if args.password_stdin {
        let mut line = String::new();
        if io::stdin().read_line(&mut line).map_err(unread)? == 0 {
            return Err(Failure::Failed("there is no password on standard input".to_owned()));
        }
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::Usage(
            "there is no terminal to ask for the password: use --password-stdin".to_owned(),
        ));
    }
    let password = rpassword::prompt_password("Password: ").map_err(unread)?;
    let again = rpassword::prompt_password("Repeat the password: ").map_err(unread)?;
    if password == again {
        Ok(password)
    } else {
        Err(Failure::Failed("the two passwords differ".to_owned()))
    }
}
