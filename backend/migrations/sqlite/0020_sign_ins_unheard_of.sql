-- By what mark the browser is known at which a stay began, where it was known already. Whoever signs in there once more, because the answer to
-- this sign-in never arrived, goes on with what it took over.
alter table stay add column browser text;
