-- What made-up lists of passkeys are derived from, so that an agency id nobody holds is answered like one that somebody
-- does. Filled when the database is opened; hexadecimal.

create table decoy_key (
    one bigint primary key not null,
    key text not null
);
