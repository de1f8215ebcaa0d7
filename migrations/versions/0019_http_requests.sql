-- The service requests reports through plumb.request_executive_report(), which limits them. An
-- installation that is made now has no such function yet, and grants it to others only.
do $$
begin
    if to_regprocedure('plumb.create_executive_report(timestamptz, timestamptz, text)') is not null
    then
        revoke execute on function
        plumb.create_executive_report(timestamptz, timestamptz, text) from plumb_api;
    end if;
end;
$$;
