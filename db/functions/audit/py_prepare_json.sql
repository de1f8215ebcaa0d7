-- Gives the functions of PL/Python in this session a way to make the JSON that to_jsonb() would
-- make of a value and jsonb would print, out of the text that its type prints:
-- GD["plumb_json"](type) is a function from text to JSON. Nothing of the type's own code runs for
-- it, but for a cast to json that a superuser made, which plumb.inspect() calls. Each character of
-- these texts is a byte of UTF-8; GD["plumb_text"] has what makes them and reads them.
reset role;
create or replace function plumb.py_prepare_json()
returns void
language plpython3u
volatile
as $$
import json
import re
from decimal import Decimal

forms = {}
quote = json.encoder.encode_basestring
member = re.compile(r'(?:"((?:[^"\\]|""|\\.)*)"|([^,()"]*))([,)])', re.S)


def as_bytes(text):
    return text.encode().decode("latin-1")


def as_text(text):
    return text.encode("latin-1").decode()


def number(text):
    return quote(text) if text[-1] in "Ny" else text


def real(text):
    if "e" in text:
        return format(Decimal(text), "f")
    return "0" if text == "-0" else number(text)


def moment(text):
    return quote(text.replace(" ", "T", 1) if text[0].isdigit() else text)


def zoned(text):
    if text[10:11] == " " and text[-3:] == "+00":
        return f'"{text[:10]}T{text[11:]}:00"'
    return moment(text.replace("+00", "+00:00", 1))


def document(text):
    """Return JSON as jsonb prints it, and as a string where jsonb cannot hold it."""
    plan = plpy.prepare("select $1::jsonb::text as value", ["text"])
    try:
        return as_bytes(plpy.execute(plan, [as_text(text)])[0]["value"])
    except plpy.SPIError:
        return quote(text)


def cast(name):
    plan = plpy.prepare(
        "select i.value::text as value from plumb.inspect($1, array[$2]) as i", ["text", "text"]
    )
    query = f"select null::text as key, to_jsonb(k.v::{name}) as value from unnest($1) as k (v)"

    def call(text):
        try:
            value = plpy.execute(plan, [query, as_text(text)])[0]["value"]
            return "null" if value is None else as_bytes(value)
        except plpy.SPIError:
            return quote(text)

    return call


def array(element, delimiter):
    d = re.escape(delimiter)
    tokens = re.compile(rf'"((?:[^"\\]|\\.)*)"|([{{}}]|{d})|([^{{}}"{d}]+)', re.S)

    def convert(text):
        out = []
        for quoted, mark, bare in tokens.findall(text, max(text.find("{"), 0)):
            if mark:
                out.append({"{": "[", "}": "]"}.get(mark, ", "))
            elif bare:
                out.append("null" if bare == "NULL" else json_of(element)(bare))
            else:
                out.append(json_of(element)(re.sub(r"\\(.)", r"\1", quoted, flags=re.S)))
        return "".join(out)

    return convert


def vector(element):
    return lambda text: "[" + ", ".join(json_of(element)(part) for part in text.split()) + "]"


def composite(columns):
    def convert(text):
        parts = {}
        for (name, kind), found in zip(columns, member.finditer(text, 1)):
            value = found[1] if found[1] is not None else found[2]
            if found[1] is not None:
                value = re.sub(r'(["\\])(.)', r"\2", value, flags=re.S)
            is_null = found[1] is None and value == ""
            parts[name.encode()] = "null" if is_null else json_of(kind)(value)
        members = sorted(parts.items(), key=lambda part: (len(part[0]), part))
        return f"{{{', '.join(f'{as_bytes(quote(n.decode()))}: {v}' for n, v in members)}}}"

    return convert


def json_of(kind):
    if kind not in forms:
        forms[kind] = look_up(kind)
    return forms[kind]


def look_up(kind):
    plan = plpy.prepare("select d.* from plumb.describe_type($1::oid) as d", ["bigint"])
    found = plpy.execute(plan, [kind])
    if not found:
        return quote
    form = found[0]
    if form["form"] == "domain":
        return json_of(form["base"])
    if form["form"] == "array":
        return array(form["base"], form["delimiter"])
    if form["form"] == "composite":
        return composite(list(zip(form["column_names"], form["column_types"])))
    return cast(form["type_name"]) if form["form"] == "cast" else quote


forms.update({16: lambda text: "true" if text == "t" else "false", 22: vector(21), 30: vector(26)})
forms.update(dict.fromkeys((20, 21, 23, 3802), str) | dict.fromkeys((700, 701), real))
forms.update({1114: moment, 1184: zoned, 114: document, 1700: number})
GD["plumb_json"], GD["plumb_text"] = json_of, (quote, as_bytes, as_text)
$$;
comment on function plumb.py_prepare_json() is
'Let PL/Python functions of this session make the JSON of values that were printed as text.';
revoke execute on function plumb.py_prepare_json() from public;
grant execute on function plumb.py_prepare_json() to plumb_owner;
