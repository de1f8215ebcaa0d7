"""What hangs below the columns of tables: types, operators, casts, partition keys, triggers."""

import pytest
from foreign_code import DECLARE, as_mallory

BELOW = """
create function own.b(integer) returns boolean language plpgsql immutable as
$$ begin perform own.pwn(); return true; end $$;
create function own.diff(integer, integer) returns double precision language plpgsql immutable as
$$ begin perform own.pwn(); return $1 - $2; end $$;
create function own.tg() returns trigger language plpgsql as
$$ begin perform own.pwn(); return new; end $$;
create function own.step(integer, integer) returns integer language plpgsql immutable as
$$ begin perform own.pwn(); return $2; end $$;
create domain own.checked as integer check (own.b(value));
create domain own.checked_list as own.checked[] check (own.b(1));
create type own.span as range (subtype = integer, subtype_diff = own.diff);
create type own.inner as (c own.checked, note text);
create type own.outer as (parts own.inner[], at own.checked);
create collation own.folded (provider = icu, locale = 'und', deterministic = false);
create aggregate own.count(integer) (sfunc = own.step, stype = integer);
create function own.count() returns bigint language plpgsql as
$$ begin perform own.pwn(); return 0; end $$;
create operator own.= (function = int4eq, leftarg = integer, rightarg = integer);
create function own.eq(text, text) returns boolean language plpgsql immutable as
$$ begin perform own.pwn(); return true; end $$;
create operator own.= (function = own.eq, leftarg = text, rightarg = text);
create type own.mood as enum ('calm');
create function own.told(own.mood) returns text language plpgsql immutable as
$$ begin perform own.pwn(); return 'x'; end $$;
create cast (own.mood as text) with function own.told(own.mood) as implicit;
create function own.moody(text) returns own.mood language plpgsql immutable as
$$ begin perform own.pwn(); return 'calm'; end $$;
create cast (text as own.mood) with function own.moody(text) as implicit;
alter table own.item
    add column span own.span default '[1,3)',
    add column whole own.outer default row(array[row(1, 'n')::own.inner], 2)::own.outer,
    add column list own.checked_list default '{1,2}',
    add column folded text collate own.folded default 'a',
    add column mood own.mood default 'calm',
    add column d own.checked default own.f(1),
    add column g integer generated always as (own.f(id)) stored;
create index on own.item using gist (span);
create index on own.item ((id + own.f(1)));
create index on own.item (folded) where own.f(1) = 1;
create unique index on own.item ((own.f(id)), v);
create statistics own.stats on (id + own.f(1)), v, folded from own.item;
analyze own.item;
alter table own.item add check (own.f(1) = 1) not valid;
create constraint trigger at_end after insert or update or delete on own.item
deferrable initially deferred for each row execute function own.tg();
create trigger before before insert or update on own.item for each row execute function own.tg();
create table own.whole (id integer, v text) partition by range ((own.f(id)));
create table own.part partition of own.whole for values from (0) to (1000);
insert into own.whole select i, 'v' from generate_series(1, 20) as i;
create index on own.whole ((own.f(id)));
create view own.looking as select w.id as subject, own.f(w.id) as said, w.v from own.whole as w
where w.v = 'wrong';
alter table own.item cluster on item_pkey;
alter table own.item replica identity full;
comment on table own.item is E'\\\\! id >/tmp/made_by_mallory \\x1b[2J';
comment on column own.item.v is E'\\n\\\\i /tmp/x';
alter role mallory set search_path = own, pg_catalog;
"""


@pytest.fixture
def below(mallory):
    """Let mallory attach all of it, and all of it be audited, guarded and declared."""
    as_mallory(mallory, BELOW)
    as_mallory(
        mallory,
        "create view own.wrong as select id as subject, own.f(id) as said, v, mood, span, whole"
        " from own.item where v = 'wrong'",
    )
    mallory.execute("select plumb.audit_table('own.item'), plumb.guard_table('own.item')")
    mallory.execute("select plumb.audit_table('own.whole', p_baseline => 'sum')")
    mallory.execute(DECLARE)
    mallory.execute(
        "select plumb.declare_invariant('OWN_LOOK', 'own.looking', 'P2', 'Nothing is wrong.')"
    )
    as_mallory(
        mallory, "update own.item set v = 'wrong' where id = 3; update own.whole set v = 'w'"
    )
    mallory.execute("select plumb.change_setting('amcheck_indexes_max', '1000')")
    mallory.execute("select plumb.seal_audit()")
    return mallory
