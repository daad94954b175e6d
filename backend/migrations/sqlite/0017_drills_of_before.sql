-- Who ended the drills of before, by what the log says of it.
update drill set ended_by = (
        select m.id from audit_event e join member m on m.agency_id = e.actor
        where e.kind = 'drill.ended' and json_valid(e.event) and json_extract(e.event, '$.facts.drill_id') = drill.id)
    where over = 1 and ended_by is null;
