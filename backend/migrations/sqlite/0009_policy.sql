-- The policies that a start found last, with the text of each by its id: the next one tells by it what is new.
create table policies_in_force (
    one integer primary key not null check (one = 1),
    version text not null,
    texts text not null,
    since bigint not null
);
