use bookshelf_domain::Timestamp;
use bookshelf_domain::accounts::{AccessClaims, AccessTokenError, Role, SessionId, UserId};
use chrono::{DateTime, TimeDelta};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub(super) const ISSUER: &str = "bookshelf";
pub(super) const AUDIENCE: &str = "bookshelf-api";
/// How far the clock of the instance that signed may be ahead of the clock of this one.
pub(super) const LEEWAY: TimeDelta = TimeDelta::seconds(10);

/// The payload. Every claim is required.
#[derive(Serialize, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    jti: String,
    iat: NumericDate,
    nbf: NumericDate,
    exp: NumericDate,
    role: String,
    epoch: i64,
}

impl Claims {
    pub(super) fn of(claims: &AccessClaims) -> Self {
        Self {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: claims.user.to_string(),
            sid: claims.session.to_string(),
            jti: claims.id.clone(),
            iat: NumericDate(claims.issued_at),
            nbf: NumericDate(claims.issued_at),
            exp: NumericDate(claims.expires_at),
            role: claims.role.to_string(),
            epoch: claims.epoch,
        }
    }

    pub(super) fn check(self, now: Timestamp) -> Result<AccessClaims, AccessTokenError> {
        if self.nbf.0 > now + LEEWAY {
            return Err(invalid("it is not valid yet"));
        }
        if self.exp.0 <= now {
            return Err(AccessTokenError::Expired);
        }
        Ok(AccessClaims {
            user: UserId::new(self.sub.parse().map_err(invalid)?),
            session: SessionId::new(self.sid.parse().map_err(invalid)?),
            role: self.role.parse::<Role>().map_err(invalid)?,
            epoch: self.epoch,
            id: self.jti,
            issued_at: self.iat.0,
            expires_at: self.exp.0,
        })
    }
}

/// Seconds since the epoch, with a fraction if there is one (RFC 7519, section 2).
struct NumericDate(Timestamp);

impl Serialize for NumericDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.timestamp_subsec_micros() == 0 {
            return serializer.serialize_i64(self.0.timestamp());
        }
        serializer.serialize_f64(self.0.timestamp_micros() as f64 / 1e6)
    }
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        DateTime::from_timestamp_micros((seconds * 1e6).round() as i64)
            .map(Self)
            .ok_or_else(|| de::Error::custom("a NumericDate out of range"))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "map_err passes the error by value")]
pub(super) fn invalid(error: impl ToString) -> AccessTokenError {
    AccessTokenError::Invalid(error.to_string())
}
