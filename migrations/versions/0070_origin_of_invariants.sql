-- In a copy restored from a dump the OIDs of the original mean other relations.
alter table plumb.invariants add column view_origin text;
