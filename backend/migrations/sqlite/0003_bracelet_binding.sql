-- SHA-256("halligan/v1/bracelet" || reference || record id), hexadecimal: ties a bracelet to its record. Only who holds the
-- reference can make it, so a bracelet from before this column has none and must be replaced.

alter table bracelet add column binding text;
