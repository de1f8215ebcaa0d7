-- Posts an anchor. Any 2xx counts as kept; redirects are not followed, for what is moved is not
-- what the operator named.
reset role;
create or replace function plumb.py_post_anchor(p_url text, p_body text, p_seconds_max integer)
returns void
language plpython3u
volatile
as $$
import http.client
import urllib.request


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


request = urllib.request.Request(
    p_url, p_body.encode(), {"Content-Type": "application/json"}, method="POST"
)
try:
    with urllib.request.build_opener(NoRedirect).open(request, timeout=p_seconds_max):
        pass
except (OSError, ValueError, http.client.HTTPException) as error:
    plpy.error(
        f"anchor url did not take the anchor: {error}",
        hint="It must answer a POST of JSON with a 2xx status.",
        sqlstate="PL006",
    )
$$;
comment on function plumb.py_post_anchor(text, text, integer) is
'POST an anchor as JSON; PL006 unless the answer is 2xx.';
revoke execute on function plumb.py_post_anchor(text, text, integer) from public;
grant execute on function plumb.py_post_anchor(text, text, integer) to plumb_owner;
