-- Brings the events of one row in one transaction into the order in which each goes on from what
-- the one before it left. Where several orders do, later events stay later; where none does (a
-- part of the row is not logged), they stay as they are. The last is known, and stays last: hence
-- the walk (Hierholzer's) goes backwards from where it began.
reset role;
create or replace function plumb.py_order_events(p_before text[], p_after text[])
returns integer[]
language plpython3u
immutable
parallel safe
as $$
last = len(p_before) - 1
leading_to = {}
for event in range(last):
    leading_to.setdefault(p_after[event], []).append(event)

path, walk = [], [(p_before[last], last)]
while walk:
    state, event = walk[-1]
    if leading_to.get(state):
        earlier = leading_to[state].pop()
        walk.append((p_before[earlier], earlier))
    else:
        path.append(event)
        walk.pop()

is_whole = len(path) == last + 1 and all(
    p_after[one] == p_before[next_one] for one, next_one in zip(path, path[1:])
)
places = [0] * (last + 1)
for place, event in enumerate(path if is_whole else range(last + 1), 1):
    places[event] = place
return places
$$;
comment on function plumb.py_order_events(text[], text[]) is
'The place of each event, from 1 on, by the states before and after them; the last stays last.';
revoke execute on function plumb.py_order_events(text[], text[]) from public;
grant execute on function plumb.py_order_events(text[], text[]) to plumb_owner, plumb_auditor;
