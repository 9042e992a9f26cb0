use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::call::Call;
use crate::session::Granted;
use crate::{Change, Client, Error, Tagged, User};

/// A new account. End it with `..Registration::default()`, because fields may be added.
#[derive(Clone, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Registration {
    pub email: String,
    pub password: String,
    pub username: Option<String>,
    pub name: Option<String>,
    /// The token of an invitation, where the server needs one.
    pub invite: Option<String>,
}

/// Changes of the own account. End it with `..ProfilePatch::default()`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ProfilePatch {
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub username: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub name: Change<String>,
}

/// A session of the user that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub struct SessionInfo {
    pub id: i64,
    pub created_at: DateTime<Utc>,
    pub last_used_at: DateTime<Utc>,
    /// When the session ends if it is not used before.
    pub expires_at: DateTime<Utc>,
    pub user_agent: Option<String>,
    pub address: Option<String>,
    /// Whether it is the session of this client.
    pub current: bool,
}

/// Registration, login and the own account. Every method fails with the [`Error`] of the server.
#[derive(Debug, Clone, Copy)]
pub struct Auth<'a>(pub(crate) &'a Client);

#[expect(clippy::missing_errors_doc, reason = "the struct says it once")]
impl Auth<'_> {
    /// Creates an account. It does not log in.
    pub async fn register(&self, registration: &Registration) -> Result<User, Error> {
        let call = Call::post("/auth/register").json(registration)?.once()?;
        self.0.inner.send(call.without_access()).await?.data()
    }

    /// Logs in. From then on this client and its clones send the access token, and renew it when it
    /// expires. An API key takes precedence.
    pub async fn login(&self, email: &str, password: &str) -> Result<User, Error> {
        let call =
            Call::post("/auth/login").json(&json!({"email": email, "password": password}))?;
        // A second login opens a second session, which does no harm.
        let call = call.without_access().harmless();
        let granted: Granted = self.0.inner.send(call).await?.data()?;
        self.0.inner.session.begin(&granted);
        Ok(granted.user)
    }

    /// Gets new tokens now. Calls do this by themselves when it is necessary.
    pub async fn refresh(&self) -> Result<(), Error> {
        match self.0.tokens() {
            Some(tokens) => self.0.inner.session.renew(&self.0.inner, &tokens.access_token).await,
            None => self.0.inner.session.access_token(&self.0.inner).await.map(drop),
        }
    }

    /// Ends the session, also if the server has ended it already.
    pub async fn logout(&self) -> Result<(), Error> {
        let Some(tokens) = self.0.tokens() else { return Ok(()) };
        let call =
            Call::post("/auth/logout").json(&json!({"refresh_token": tokens.refresh_token}))?;
        match self.0.inner.send(call.without_access().harmless()).await {
            Err(Error::Api(error)) if error.status == 401 => {}
            other => drop(other?),
        }
        self.0.inner.session.forget();
        Ok(())
    }

    /// Ends all sessions of the user.
    pub async fn logout_all(&self) -> Result<(), Error> {
        self.0.inner.send(Call::post("/auth/logout-all")).await?;
        self.0.inner.session.forget();
        Ok(())
    }

    /// Lists the sessions of the user, the one used last first.
    pub async fn sessions(&self) -> Result<Vec<SessionInfo>, Error> {
        self.0.inner.send(Call::get("/auth/sessions")).await?.data()
    }

    /// Ends a session of the user.
    pub async fn end_session(&self, id: i64) -> Result<(), Error> {
        self.0.inner.send(Call::delete(format!("/auth/sessions/{id}"))).await.map(drop)
    }

    /// Reads the own account.
    pub async fn me(&self) -> Result<Tagged<User>, Error> {
        self.0.inner.send(Call::get("/auth/me")).await?.tagged()
    }

    /// Changes the own account; with an entity tag, only if it still has it.
    pub async fn patch_me(
        &self,
        patch: &ProfilePatch,
        etag: Option<&str>,
    ) -> Result<Tagged<User>, Error> {
        let call = Call::patch("/auth/me").json(patch)?.if_match(etag)?;
        self.0.inner.send(call).await?.tagged()
    }

    /// Changes the password. All other sessions of the user end.
    pub async fn change_password(&self, current: &str, new: &str) -> Result<(), Error> {
        let body = json!({"current_password": current, "new_password": new});
        self.0.inner.send(Call::post("/auth/password").json(&body)?).await.map(drop)
    }

    /// Deletes the own account with its shelf, keys and sessions.
    pub async fn delete_account(&self, password: &str) -> Result<(), Error> {
        let call = Call::post("/auth/delete-account").json(&json!({"password": password}))?;
        self.0.inner.send(call).await?;
        self.0.inner.session.forget();
        Ok(())
    }
}
