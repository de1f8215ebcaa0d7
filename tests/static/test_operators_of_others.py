"""A function without a search_path of its own means the same whatever schema stands in front.

Whoever may create a schema that is named like the caller, or write to `public`, can put operators
and functions there that fit the arguments better than PostgreSQL's own, which take any type.
"""

import re
from itertools import product

import psycopg

# Of arguments in these functions.
TYPES = ("text", "integer", "bigint", "jsonb", "bytea", "timestamptz", "xid8", "bigint[]", "text[]")
OPERATOR = re.compile(r"(?<!\()(?:->>|->|\|\||@>|<>|<=|>=|[=<>+*/?-])")
ANY = "array['\"any\"', 'anyelement', 'anyarray', 'anynonarray', 'anycompatible']::regtype[]"
UNPINNED = """
    select p.oid::regprocedure::text, p.proname, p.prosrc, pg_get_functiondef(p.oid)
    from pg_proc as p
    where
        p.pronamespace = 'plumb'::regnamespace
        and p.prolang = (select l.oid from pg_language as l where l.lanname = 'sql')
        and not coalesce(p.proconfig::text, '') ~ 'search_path'
    order by 1
"""
# Some have a form of their own for what they are given here.
TAKES_ANY = f"""
    select distinct p.proname from pg_proc as p
    where
        p.pronamespace = 'pg_catalog'::regnamespace
        and p.proargtypes::oid[] && {ANY}::oid[]
        and p.proname not in ('count', 'dense_rank', 'max', 'min')
"""
IN_FRONT = """
    select pg_describe_object(d.refclassid, d.refobjid, 0) from pg_depend as d
    where
        d.classid = 'pg_proc'::regclass
        and d.objid = (select p.oid from pg_proc as p where p.proname = 'probed')
        and pg_describe_object(d.refclassid, d.refobjid, 0) ~ 'front[.]'
"""


def put_in_front(db, bodies):
    """Make operators that fit better than any in pg_catalog that these bodies use."""
    made = ["create schema front; set search_path = front"]
    for left, right in product(TYPES, repeat=2):
        made.append(f"create function f({left}, {right}) returns boolean language sql return true")
        made += [
            f"create operator {o} (function = f, leftarg = {left}, rightarg = {right})"
            for o in sorted(set(OPERATOR.findall(bodies)))
        ]
    db.execute("; ".join(made))


def test_a_function_that_takes_any_type_is_called_by_its_schema(db):
    names = "|".join(re.escape(name) for (name,) in db.execute(TAKES_ANY))
    call = re.compile(rf"(?<![.\w])(?:{names})\(")
    found = {s: call.findall(body) for s, _, body, _ in db.execute(UNPINNED)}

    assert {signature: calls for signature, calls in found.items() if calls} == {}


def test_no_operator_in_front_of_the_search_path_is_called(db):
    db.execute("set search_path = ''")
    functions = db.execute(UNPINNED).fetchall()
    put_in_front(db, "\n".join(body for _, _, body, _ in functions))
    found = {}
    for signature, name, body, definition in functions:
        probe = definition.replace(f"plumb.{name}(", "front.probed(", 1)
        head = probe[: probe.index("AS $function$")]
        try:
            with db.transaction(force_rollback=True):
                db.execute(f"{head} begin atomic {body}; end")
                found[signature] = db.execute(IN_FRONT).fetchall()
        except psycopg.Error as error:
            # What is in front fits, and takes no literal like that.
            found[signature] = str(error)

    assert len(found) > 20
    assert {signature: names for signature, names in found.items() if names} == {}
