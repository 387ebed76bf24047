//! No, and why: the codes of every rule, and the signed refusal that carries one to a device.

use crate::claims::Claims;
use crate::cose::{self, Envelope};
use crate::error::{FormatError, VerifyError};
use crate::ids::{ActivationId, Challenge, Nonce};
use crate::keys::PublicKey;
use crate::label;
use crate::time::Time;
use crate::typ::Typ;
use crate::writer::Writer;
use ed25519_dalek::SigningKey;
use std::fmt;

macro_rules! refusals {
    ($($variant:ident = $number:literal, $code:literal, $status:literal, $text:literal;)*) => {
        /// Why something was refused: one code a rule. Names and numbers never change; where several rules refuse, the
        /// one that stands first here speaks.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "each variant's text says it")]
        pub enum Refused { $(#[doc = $text] $variant = $number,)* }

        impl Refused {
            /// Every code, in order of precedence.
            pub const ALL: &'static [Refused] = &[$(Refused::$variant,)*];

            /// The stable name.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Refused::$variant => $code,)* }
            }

            /// The HTTP status of an answer to people; to devices it is always 409 with a signed refusal.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Refused::$variant => $status,)* }
            }

            /// What happened and what to do, for people.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Refused::$variant => $text,)* }
            }
        }
    };
}

refusals! {
    SignatureBad = 1, "signature_bad", 401, "The signature is not valid. Send the message again; if that does not help, the device's key is damaged.";
    Quarantine = 2, "quarantine", 503, "The store was restored from a backup and waits for the devices to report. Try again later.";
    ClockUntrusted = 3, "clock_untrusted", 503, "The server's clock is not trusted. An operator has to check it.";
    OutOfReach = 4, "out_of_reach", 404, "There is no such thing here. Check the id.";
    ForbiddenRole = 5, "forbidden_role", 403, "Your role does not allow this. Ask an administrator.";
    AdminOnly = 6, "admin_only", 403, "Only an administrator may do this.";
    ProductNotAllowed = 7, "product_not_allowed", 403, "This product is not among those the account may use.";
    AccountInactive = 8, "account_inactive", 409, "The account is inactive. Existing licences go on; reactivate it for anything new.";
    NotReseller = 9, "not_reseller", 409, "Only a vendor or reseller account may do this.";
    TypeImmutable = 10, "type_immutable", 409, "The kind of an account never changes.";
    NameTaken = 11, "name_taken", 409, "The name is taken. Choose another one.";
    PasswordWeak = 12, "password_weak", 422, "The password is too weak. The detail says why.";
    PasswordMismatch = 13, "password_mismatch", 422, "The two passwords differ. Type the same one twice.";
    BadQuantity = 14, "bad_quantity", 422, "The quantity is not possible. Give at least one unit of a kind the product has.";
    InsufficientUnits = 15, "insufficient_units", 409, "Not enough free units. Free some, or get more.";
    CompatMismatch = 16, "compat_mismatch", 409, "The two kinds of licence cannot be mixed.";
    TermMismatch = 17, "term_mismatch", 409, "Units with different end dates cannot be mixed.";
    OrgRequired = 18, "org_required", 409, "A personal account is for one person. Create an organisation first.";
    KeyInvalid = 19, "key_invalid", 409, "The key is not valid. Check what was typed.";
    KeyRedeemed = 20, "key_redeemed", 409, "The key was redeemed before. Each key is redeemed once.";
    KeyFormat = 21, "key_format", 422, "A key has the form XXXX-XXXX-XXXX-XXXX, letters A to Z and digits.";
    KeyTaken = 22, "key_taken", 409, "The key is taken. Choose another one.";
    KeyRequired = 23, "key_required", 409, "This needs a permission key. Give the key that came with the purchase.";
    KeyStopped = 24, "key_stopped", 409, "The key is stopped. The lease in hand runs to its end; ask your administrator.";
    DurationRequired = 25, "duration_required", 422, "This licence needs an end date.";
    LicenseeName = 26, "licensee_name", 422, "A licensee name is 1 to 64 letters A to Z, digits, hyphens or underscores.";
    FieldNotEditable = 27, "field_not_editable", 409, "This field cannot be changed here. The detail says which.";
    EnrolmentInvalid = 28, "enrolment_invalid", 409, "The enrolment code is not valid. Ask the account's administrator for the current one.";
    LicenceActivated = 29, "licence_activated", 409, "A device has this licence still. Release it there, or return its licence file, and try again.";
    LicenceLapsed = 30, "licence_lapsed", 409, "The licence has ended and its units are in use elsewhere, or its term is over.";
    NotPoolable = 31, "not_poolable", 409, "This licence cannot be pooled: it is metered, or it has an end date.";
    Irreversible = 32, "irreversible", 409, "This was already done and cannot be undone.";
    LicencePooled = 33, "licence_pooled", 409, "The licence was added to the pool. Activate a pool key instead.";
    MaintenanceExpired = 34, "maintenance_expired", 409, "The maintenance has ended. Extend it; the lease in hand runs to its end.";
    OnlineOnly = 35, "online_only", 409, "This key works online only. There is no licence file for it.";
    KeyInUse = 36, "key_in_use", 409, "The key is in use. Release it on the device, or stop it and wait until its last lease has ended.";
    VersionTooOld = 37, "version_too_old", 409, "The product's version is too old for this key. Update the product.";
    QuotaBelowChildren = 38, "quota_below_children", 409, "The pool's keys hold more than that. Lower their quotas first.";
    KeyOnOtherDevice = 39, "key_on_other_device", 409, "The key is in use on another device. Release it there first.";
    DeviceMismatch = 40, "device_mismatch", 409, "The device has changed too much. Ask your administrator.";
    RehostLimit = 41, "rehost_limit", 409, "No more dead devices are rehosted now. Wait until a reserve is free or the period is over, or ask your vendor.";
    RequestAnswered = 42, "request_answered", 409, "The request was answered by a licence file that was returned or replaced since. Make a new request.";
    Resync = 43, "resync", 409, "The message does not follow the last answer. Send it again with the challenge and the lease in hand.";
    UserInOtherOrg = 44, "user_in_other_org", 409, "The user is in another organisation. Leave that one first.";
    PersonalLicences = 45, "personal_licences", 409, "The user's personal account still owns licences. Move or return them first.";
    CoAdminExists = 46, "co_admin_exists", 409, "There is a co-administrator already. Replace it if you mean to.";
    NotParticipant = 47, "not_participant", 409, "The user is not an active member of the account. Invite or enable the user first.";
    OwnerProtected = 48, "owner_protected", 409, "This is the account's owner. Hand the ownership over first.";
    FieldInvalid = 67, "field_invalid", 422, "A field has a value that is not possible. The detail says which.";
    AccountInUse = 68, "account_in_use", 409, "The account owns units, devices or other accounts. Take them away first.";
    LinkInvalid = 69, "link_invalid", 409, "The link is not valid any more: it was used or replaced, or its time is over. Ask for a new one.";
    CodeInvalid = 70, "code_invalid", 401, "The code is wrong or was used before. Wait for the next one.";
}

impl Refused {
    /// The code with this number.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|refused| *refused as u16 == number)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

/// A refusal to a device, signed by a lease key so that nobody on the way can fake a stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The installation.
    pub iss: String,
    /// The activation, where there is one.
    pub sub: Option<ActivationId>,
    /// Signed at: a console learns the time even from a no.
    pub iat: Time,
    /// The device refused.
    pub device: PublicKey,
    /// The nonce of the message it answers.
    pub nonce: Nonce,
    /// The rule's number; an old console meets numbers it does not know.
    pub number: u16,
    /// With `resync`: to be sent back with the lease in hand.
    pub challenge: Option<Challenge>,
}

impl Refusal {
    /// The rule, if this build knows it.
    #[must_use]
    pub fn refused(&self) -> Option<Refused> {
        Refused::from_number(self.number)
    }

    /// The signed refusal.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        let claims = Writer::new()
            .text(label::ISS, &self.iss)
            .opt_activation(label::SUB, self.sub)
            .time(label::IAT, self.iat)
            .cnf(&self.device)
            .bytes(label::NONCE, &self.nonce.0)
            .int(label::REFUSAL, self.number.into())
            .opt_bytes(label::CHALLENGE, self.challenge.as_ref().map(|challenge| &challenge.0[..]));
        cose::sign(Typ::Refusal, claims, key, None)
    }

    /// The refusal, if `key` signed it.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn open(bytes: &[u8], key: &PublicKey) -> Result<Self, VerifyError> {
        let envelope = Envelope::parse(bytes)?;
        Ok(Self::read(envelope.verify(Typ::Refusal, key)?)?)
    }

    fn read(mut claims: Claims<'_>) -> Result<Self, FormatError> {
        let number = claims.need(label::REFUSAL, Claims::int)?;
        let refusal = Self {
            iss: claims.need(label::ISS, Claims::text)?,
            sub: claims.activation(label::SUB)?,
            iat: claims.need(label::IAT, Claims::time)?,
            device: claims.need(label::CNF, Claims::cnf)?,
            nonce: Nonce(claims.need(label::NONCE, Claims::array)?),
            number: u16::try_from(number).map_err(|_| claims.wrong(label::REFUSAL, "is above 16 bits"))?,
            challenge: claims.array(label::CHALLENGE)?.map(Challenge),
        };
        claims.finish()?;
        Ok(refusal)
    }
}
