//! Why a call was refused, in AWS's own codes. The one table from reason to code and status.
//!
//! The same reason has one code in the query protocol of STS and IAM and another in KMS's JSON protocol; clients switch on both.

use axum::http::StatusCode;

use crate::{estate::KeysError, service::Service};

/// A reason to refuse. Texts are for a person; none holds a secret, and none says which part of a ciphertext was wrong.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// No `Authorization` header.
    MissingAuthentication,
    /// An `Authorization` header, or what it depends on, that cannot be read.
    IncompleteSignature(String),
    /// A signature that is not the one these credentials make for this request, here and now.
    Signature(String),
    /// No such access key, or a session token that is not one of ours for it.
    UnknownCredentials,
    /// A session past its end.
    ExpiredToken,
    /// No policy allows it, or one denies it.
    AccessDenied(String),
    /// No operation of that name.
    UnknownOperation,
    /// A body that is not of the protocol's form.
    Serialization(String),
    /// A parameter out of bounds, or one that is not supported.
    Validation(String),
    /// A policy outside the supported language.
    MalformedPolicy(String),
    /// Session policy and tags together are too large for a token.
    PackedPolicyTooLarge(String),
    /// No such key here.
    NotFound(String),
    /// No such role, or no such policy on it.
    NoSuchEntity(String),
    /// As many as there may be.
    LimitExceeded(String),
    /// The key is disabled.
    Disabled(String),
    /// The key is for something else.
    InvalidKeyUsage(String),
    /// The ciphertext was made under another key than the one named.
    IncorrectKey,
    /// The ciphertext is not one of this key and context.
    InvalidCiphertext,
    /// A feature of KMS that is not here.
    Unsupported(String),
    /// Not a refusal: the dry run found nothing to refuse.
    DryRun,
    /// The authority itself failed.
    Internal,
}

impl Refusal {
    /// The code that AWS's clients know.
    pub(crate) fn code(&self, service: Service) -> &'static str {
        let (query, json) = match self {
            Self::MissingAuthentication => ("MissingAuthenticationToken", "MissingAuthenticationTokenException"),
            Self::IncompleteSignature(_) => ("IncompleteSignature", "IncompleteSignatureException"),
            Self::Signature(_) => ("SignatureDoesNotMatch", "InvalidSignatureException"),
            Self::UnknownCredentials => ("InvalidClientTokenId", "UnrecognizedClientException"),
            Self::ExpiredToken => ("ExpiredToken", "ExpiredTokenException"),
            Self::AccessDenied(_) => ("AccessDenied", "AccessDeniedException"),
            Self::UnknownOperation => ("InvalidAction", "UnknownOperationException"),
            Self::Serialization(_) => ("MalformedQueryString", "SerializationException"),
            Self::Validation(_) => ("ValidationError", "ValidationException"),
            Self::MalformedPolicy(_) => ("MalformedPolicyDocument", "MalformedPolicyDocumentException"),
            Self::PackedPolicyTooLarge(_) => ("PackedPolicyTooLarge", "ValidationException"),
            Self::NotFound(_) => ("ValidationError", "NotFoundException"),
            Self::NoSuchEntity(_) => ("NoSuchEntity", "NotFoundException"),
            Self::LimitExceeded(_) => ("LimitExceeded", "LimitExceededException"),
            Self::Disabled(_) => ("ValidationError", "DisabledException"),
            Self::InvalidKeyUsage(_) => ("ValidationError", "InvalidKeyUsageException"),
            Self::IncorrectKey => ("ValidationError", "IncorrectKeyException"),
            Self::InvalidCiphertext => ("ValidationError", "InvalidCiphertextException"),
            Self::Unsupported(_) => ("ValidationError", "UnsupportedOperationException"),
            Self::DryRun => ("ValidationError", "DryRunOperationException"),
            Self::Internal => ("InternalFailure", "KMSInternalException"),
        };
        match service {
            Service::Sts | Service::Iam => query,
            Service::Kms => json,
        }
    }

    /// STS and IAM answer 403 where the caller is the problem; KMS answers 400 to everything that the client can mend.
    pub(crate) fn status(&self, service: Service) -> StatusCode {
        match (self, service) {
            (Self::Internal, _) => StatusCode::INTERNAL_SERVER_ERROR,
            (_, Service::Kms) => StatusCode::BAD_REQUEST,
            (Self::NoSuchEntity(_), _) => StatusCode::NOT_FOUND,
            (Self::LimitExceeded(_), _) => StatusCode::CONFLICT,
            (
                Self::MissingAuthentication
                | Self::Signature(_)
                | Self::UnknownCredentials
                | Self::ExpiredToken
                | Self::AccessDenied(_),
                _,
            ) => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The estate could not be changed.
    pub(crate) fn unkept(fault: &KeysError) -> Self {
        tracing::error!(%fault, "a change of the estate could not be kept");
        Self::Internal
    }

    /// Whose fault it was, the code and the message, as the query protocol tells them.
    pub(crate) fn in_words(&self, service: Service) -> (&str, &str, &str) {
        let fault = if matches!(self, Self::Internal) { "Receiver" } else { "Sender" };
        (fault, self.code(service), self.message().unwrap_or_default())
    }

    /// What a person reads. Nothing for an invalid ciphertext, as at AWS: a word would help only whoever forged it.
    pub(crate) fn message(&self) -> Option<&str> {
        match self {
            Self::MissingAuthentication => Some("Request is missing Authentication Token"),
            Self::UnknownCredentials => Some("The security token included in the request is invalid."),
            Self::ExpiredToken => Some("The security token included in the request is expired"),
            Self::UnknownOperation => Some("The embedded authority does not know this operation."),
            Self::IncorrectKey => Some("The key ID in the request does not identify a CMK that can perform this operation."),
            Self::InvalidCiphertext => None,
            Self::DryRun => Some("The request would have succeeded, but the DryRun option is set."),
            Self::Internal => Some("The embedded authority failed; its log says why. Nothing was done."),
            Self::IncompleteSignature(text)
            | Self::Signature(text)
            | Self::AccessDenied(text)
            | Self::Serialization(text)
            | Self::Validation(text)
            | Self::MalformedPolicy(text)
            | Self::PackedPolicyTooLarge(text)
            | Self::NotFound(text)
            | Self::NoSuchEntity(text)
            | Self::LimitExceeded(text)
            | Self::Disabled(text)
            | Self::InvalidKeyUsage(text)
            | Self::Unsupported(text) => Some(text),
        }
    }
}
