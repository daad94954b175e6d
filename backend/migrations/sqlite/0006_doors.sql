-- Where members work: crew, unit, station, shift, supervisor.
alter table member add column assignment text not null default '{}';
alter table invitation add column assignment text not null default '{}';
