-- Our triggers on the tables of the shop, but for those that a condition keeps.
select t.tgname, c.relname
from pg_trigger as t
inner join pg_class as c on c.oid = t.tgrelid
inner join pg_proc as p on p.oid = t.tgfoid
where
    c.relnamespace = 'retail'::regnamespace
    and p.pronamespace = 'plumb'::regnamespace
    and not t.tgisinternal
    and not ({kept})
