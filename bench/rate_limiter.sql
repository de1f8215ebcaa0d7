-- One request of one of 100,000 clients.
\set one random(0, 1)
\set two random(0, 255)
\set three random(0, 195)
select plumb.admit_request('10.' || :one || '.' || :two || '.' || :three, 'GET', '/system-health');
