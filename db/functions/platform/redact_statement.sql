-- Removes every value from the text of a statement, so that it can be stored and shown: passwords,
-- keys and addresses stand in statements as literals, comments or options. SELECT, INSERT, UPDATE,
-- DELETE, MERGE, VALUES and TABLE keep their text with $n in place of each literal, as
-- pg_stat_statements writes it. Every other statement is reduced to its command tag, unless
-- p_keeps_utility, and what is not read with certainty is reduced too: strings that end elsewhere
-- under standard_conforming_strings = off, backslashes outside of strings, unknown first words.
-- A text that is cut off loses what begins and does not end. Applied twice it changes nothing more.
create or replace function plumb.redact_statement(
    p_statement text, p_keeps_utility boolean default false
)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    c_length_max constant integer := 8000;
    -- Reads one token. Word characters are written as what they are not, for every encoding:
    -- letters, underscore and all that is not ASCII; then digits and the dollar sign as well.
    c_token constant text :=
        '^(?:[ \t\n\r\f\v]+'
        || '|--[^\n\r]*'
        || '|[Ee]''(?:[^''\\]|\\.|'''')*(?:''|\\?$)'
        || '|(?:[NnBbXx]|[Uu]&)?''(?:[^'']|'''')*(?:''|$)'
        || '|(?:[Uu]&)?"(?:[^"]|"")*(?:"|$)'
        || '|\$(?:[^\x01-\x40\x5b-\x5e\x60\x7b-\x7f]'
        || '[^\x01-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]*)?\$'
        || '|\$[0-9]+'
        || '|\.?[0-9](?:[0-9a-zA-Z_.]|[eE][+-][0-9])*'
        || '|[^\x01-\x40\x5b-\x5e\x60\x7b-\x7f]'
        || '[^\x01-\x23\x25-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]*'
        || '|.)';
    c_read constant text[] := array[
        'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'WITH', 'VALUES', 'TABLE'
    ];
    c_objects_of constant text[] := array[
        'CREATE', 'ALTER', 'DROP', 'REFRESH', 'IMPORT', 'SECURITY', 'START', 'REASSIGN'
    ];
    c_utility constant text[] := c_objects_of || array[
        'ABORT', 'ANALYSE', 'ANALYZE', 'AUTOVACUUM', 'BASE_BACKUP', 'BEGIN', 'CALL', 'CHECKPOINT',
        'CLOSE', 'CLUSTER', 'COMMENT', 'COMMIT', 'COPY', 'DEALLOCATE', 'DECLARE', 'DISCARD', 'DO',
        'END', 'EXECUTE', 'EXPLAIN', 'FETCH', 'GRANT', 'IDENTIFY_SYSTEM', 'LISTEN', 'LOAD', 'LOCK',
        'MOVE', 'NOTIFY', 'PREPARE', 'REINDEX', 'RELEASE', 'RESET', 'REVOKE', 'ROLLBACK',
        'SAVEPOINT', 'SET', 'SHOW', 'START_REPLICATION', 'TRUNCATE', 'UNLISTEN', 'VACUUM'
    ];
    c_objects constant text[] := array[
        'ACCESS', 'AGGREGATE', 'CAST', 'CLASS', 'COLLATION', 'CONFIGURATION', 'CONVERSION', 'DATA',
        'DATABASE', 'DEFAULT', 'DICTIONARY', 'DOMAIN', 'EVENT', 'EXTENSION', 'FAMILY', 'FOREIGN',
        'FUNCTION', 'GROUP', 'INDEX', 'LABEL', 'LANGUAGE', 'LARGE', 'MAPPING', 'MATERIALIZED',
        'METHOD', 'OBJECT', 'OPERATOR', 'OWNED', 'PARSER', 'POLICY', 'PRIVILEGES', 'PROCEDURE',
        'PUBLICATION', 'ROLE', 'ROUTINE', 'RULE', 'SCHEMA', 'SEARCH', 'SEQUENCE', 'SERVER',
        'STATISTICS', 'SUBSCRIPTION', 'SYSTEM', 'TABLE', 'TABLESPACE', 'TEMPLATE', 'TEXT',
        'TRANSACTION', 'TRANSFORM', 'TRIGGER', 'TYPE', 'USER', 'VIEW', 'WRAPPER'
    ];
    c_modifiers constant text[] := array[
        'OR', 'REPLACE', 'TEMP', 'TEMPORARY', 'LOCAL', 'GLOBAL', 'UNLOGGED', 'UNIQUE', 'RECURSIVE',
        'CONSTRAINT', 'TRUSTED', 'PROCEDURAL'
    ];
    v_rest text := left(p_statement, c_length_max);
    v_token text;
    v_head text;
    v_end integer;
    v_depth integer;
    v_word text;
    v_parameters integer;
    -- Of the statement being read: its text so far, its tag, and whether the tag may still grow.
    v_text text := '';
    v_tag text := '';
    v_is_growing boolean := false;
    v_keeps_text boolean := true;
    v_done text := '';
    v_first_tag text;
begin
    if
        p_statement is null
        or p_statement in (
            '', '<insufficient privilege>', '<command string not enabled>',
            '<backend information not available>'
        )
    then
        return p_statement;
    end if;
    select coalesce(max(m.found[1]::integer), 0) into v_parameters
    from regexp_matches(v_rest, '\$([0-9]{1,5})(?![0-9])', 'g') as m (found);

    while v_rest <> '' loop
        v_token := substring(v_rest from c_token);
        v_head := left(v_token, 1);
        if v_rest like '/*%' then
            -- Comments nest: read up to the end of the outermost.
            v_depth := 1;
            v_end := 3;
            while v_depth > 0 and v_end <= length(v_rest) loop
                v_depth := v_depth + case substr(v_rest, v_end, 2)
                    when '/*' then 1 when '*/' then -1 else 0
                end;
                v_end := v_end + case
                    when substr(v_rest, v_end, 2) in ('/*', '*/') then 2 else 1
                end;
            end loop;
            v_rest := substr(v_rest, v_end);
            v_text := v_text || ' ';
            continue;
        elsif v_token like '$%$' and v_token !~ '^\$[0-9]' then
            v_end := position(v_token in substr(v_rest, length(v_token) + 1));
            v_rest := case
                when v_end = 0 then '' else substr(v_rest, v_end + 2 * length(v_token))
            end;
            v_parameters := v_parameters + 1;
            v_text := v_text || '$' || v_parameters;
            v_is_growing := false;
            continue;
        end if;
        v_rest := substr(v_rest, length(v_token) + 1);
        if v_token ~ '^[ \t\n\r\f\v]' or v_token like '--%' then
            v_text := v_text || ' ';
        elsif v_token ~ '^(?:[NnBbXxEe]|[Uu]&)?''' then
            -- With standard_conforming_strings = off such a string ends elsewhere.
            if v_token !~ '^[Ee]''' and v_token ~ '\\''' then
                return coalesce(v_first_tag, '(not read)');
            end if;
            v_parameters := v_parameters + 1;
            v_text := v_text || '$' || v_parameters;
            v_is_growing := false;
        elsif v_token ~ '^(?:[Uu]&)?"' then
            -- A name that is one word stays; other quoted text may be a value in wrong quotes.
            v_text := v_text || case
                when v_tag <> '' and v_token ~ '^"[A-Za-z_][A-Za-z0-9_]*"$' then v_token
                else '"…"'
            end;
            v_is_growing := false;
        elsif v_token ~ '^\.?[0-9]' or v_token ~ '^\$[0-9]{6}' then
            v_parameters := v_parameters + 1;
            v_text := v_text || '$' || v_parameters;
            v_is_growing := false;
        elsif v_head = ';' then
            v_done := v_done || case when v_keeps_text then v_text else v_tag end || '; ';
            v_text := '';
            v_tag := '';
            v_keeps_text := true;
            v_is_growing := false;
        elsif v_head = '\' then
            return coalesce(v_first_tag, '(not read)');
        elsif v_token ~ '^[^\x01-\x40\x5b-\x5e\x60\x7b-\x7f]' then
            v_word := upper(v_token collate "C");
            if v_tag = '' then
                v_keeps_text := v_word = any(c_read)
                    or p_keeps_utility and v_word = any(c_utility);
                v_tag := case
                    when v_word = any(c_read || c_utility) then v_word else '(not read)'
                end;
                v_is_growing := v_word = any(c_objects_of);
                v_first_tag := coalesce(v_first_tag, v_tag);
            elsif v_is_growing and v_word = any(c_objects) then
                v_tag := v_tag || ' ' || v_word;
            else
                v_is_growing := v_is_growing and v_word = any(c_modifiers);
            end if;
            v_text := v_text || v_token;
        elsif v_tag = '' and v_head <> '(' then
            -- No statement begins so.
            v_tag := '(not read)';
            v_keeps_text := false;
            v_first_tag := coalesce(v_first_tag, v_tag);
        else
            v_text := v_text || v_token;
            v_is_growing := false;
        end if;
    end loop;
    v_done := v_done || case
        when v_tag = '' and btrim(v_text, ' (') <> '' then '(not read)'
        when v_keeps_text then v_text
        else v_tag
    end;
    return btrim(regexp_replace(v_done, ' +', ' ', 'g'), ' ;');
end;
$$;
comment on function plumb.redact_statement(text, boolean) is
'A statement''s text without its values; utility statements as their command tag.';
revoke execute on function plumb.redact_statement(text, boolean) from public;
grant execute on function plumb.redact_statement(text, boolean) to plumb_reader;
