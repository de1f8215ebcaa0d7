# What ./plumb and the `plumb` of a wheel share: how they end with a message, where PLUMB_HOME is,
# which packages are missing, and how they are installed. The caller sets `command`, and `venv` to
# the Python environment that it uses; it sources this file with -eu.
# shellcheck shell=sh

user_id=$(id -u)
# With --json an error is JSON as well, also where there is no Python yet.
case " $* " in *' --json '*) wants_json=yes ;; *) wants_json=no ;; esac
quote_json() {
    printf '"%s"' "$(printf %s "$1" | tr '\n\t' '  ' | sed 's/[\\"]/\\&/g')"
}
# Ends with a message, a way out and an exit code, as core/exit_codes.py numbers them.
end() {
    printf 'plumb: %s\n' "$2" >&2
    [ -z "$3" ] || printf '       %s\n' "$3" >&2
    [ "$wants_json" = no ] || printf '{"error": %s, "hint": %s, "exitCode": %s}\n' \
        "$(quote_json "$2")" "$(quote_json "$3")" "$1"
    exit "$1"
}
fail() { end 2 "$1" "${2:-}"; }

# Finds PLUMB_HOME, and refuses one that cannot be used.
find_home() {
    if [ -z "${PLUMB_HOME:-}" ]; then
        if [ "$user_id" = 0 ]; then
            PLUMB_HOME=/var/lib/plumbline
        else
            user_home=${HOME:-$(getent passwd "$user_id" | cut -d: -f6)}
            PLUMB_HOME=${XDG_STATE_HOME:-$user_home/.local/state}/plumbline
        fi
    fi
    case $PLUMB_HOME in /*) ;; *) fail "PLUMB_HOME is '$PLUMB_HOME', which is no absolute path" ;; esac
    [ "$(readlink -m -- "$PLUMB_HOME")" != / ] || fail "PLUMB_HOME is '$PLUMB_HOME', the root directory" \
        "Set it to a directory of its own."
    [ ! -e "$PLUMB_HOME" ] || [ -d "$PLUMB_HOME" ] || fail \
        "PLUMB_HOME is '$PLUMB_HOME', which is no directory" "Set it to a directory of its own."
    [ ! -e "$PLUMB_HOME" ] || [ -w "$PLUMB_HOME" ] || fail "$PLUMB_HOME belongs to another account" \
        "Run this as $(stat -c %U "$PLUMB_HOME"), or set PLUMB_HOME to a directory of your own."
    export PLUMB_HOME
}

# What the tests need beyond what `up` needs; postgresql-NN-… is filled in by the server's major.
test_tools='jq curl prometheus gnupg redis-server nodejs chromium zsh'

# What to do when the step at hand fails.
hint=

# Runs one long command behind one line; dots show that it runs, its output shows if it fails.
step() {
    label=$1
    shift
    log=$(mktemp "${TMPDIR:-/tmp}/plumb.XXXXXX")
    printf '%s ' "$label" >&2
    (while sleep 2 2>/dev/null; do printf . >&2; done) </dev/null >/dev/null &
    ticker=$!
    trap 'kill "$ticker" 2>/dev/null || :; rm -f "$log"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    status=0
    "$@" >"$log" 2>&1 || status=$?
    kill "$ticker" 2>/dev/null || :
    wait "$ticker" 2>/dev/null || :
    if [ "$status" != 0 ]; then
        printf ' failed\n' >&2
        tail -n 12 "$log" | sed 's/^/    /' >&2
        fail "could not finish: $label" "${hint:-Repair what is said above and run this again.}"
    fi
    printf ' done\n' >&2
    rm -f "$log"
    trap - EXIT INT TERM
}

as_root() {
    if [ "$user_id" = 0 ]; then "$@"; else sudo -- "$@"; fi
}

apt_update() {
    as_root apt-get -o DPkg::Lock::Timeout=120 update
}

# Debian starts a cluster of its own when it installs a server. Ours is private, so that one
# is declined for as long as this installation runs; clusters that exist are not touched.
# shellcheck disable=SC2016
apt_install() {
    as_root sh -ec '
        directory=/etc/postgresql-common/createcluster.d
        mkdir -p "$directory"
        trap "rm -f $directory/zz-plumbline.conf" EXIT
        echo "create_main_cluster = false" >"$directory/zz-plumbline.conf"
        DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 \
            install --yes --no-install-recommends "$@"
    ' plumb "$@"
}

# The account that runs the server and the service when root calls; never root itself.
service_user() {
    if id -u postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}

# The major version in use: the cluster's own, else the newest one installed here.
installed_major() {
    if [ -r "$PLUMB_HOME/data/PG_VERSION" ]; then
        cat "$PLUMB_HOME/data/PG_VERSION"
        return
    fi
    newest=
    for server in /usr/lib/postgresql/*/bin/postgres; do
        major=${server#/usr/lib/postgresql/}
        major=${major%%/*}
        if [ -x "$server" ] && [ "$major" -ge 15 ] && [ "$major" -gt "${newest:-0}" ]; then
            newest=$major
        fi
    done
    printf '%s' "$newest"
}

# Adds package $2 to what is missing, unless file $1 is there.
need() {
    [ -e "$1" ] || missing="$missing $2"
}

list_missing() {
    missing=
    need /etc/ssl/certs/ca-certificates.crt ca-certificates
    need /usr/bin/python3 python3
    if [ ! -x "$venv/bin/python" ]; then
        python=$(readlink -f /usr/bin/python3 || :)
        need "/usr/lib/${python##*/}/ensurepip/__init__.py" python3-venv
    fi
    # The linters look at files only.
    [ "$command" != lint ] || return 0
    [ -z "${GPG_KEY_ID:-}" ] || need /usr/bin/gpg gnupg
    if [ "$command" = test ]; then
        for tool in $test_tools; do
            case $tool in
                gnupg) need /usr/bin/gpg gnupg ;;
                nodejs) need /usr/bin/node nodejs ;;
                # Ubuntu's package only fetches a snap, which does not run everywhere.
                chromium) grep -qx 'ID=ubuntu' /etc/os-release || need /usr/bin/chromium chromium ;;
                *) need "/usr/bin/$tool" "$tool" ;;
            esac
        done
    elif [ -n "${DATABASE_URL:-}" ]; then
        need /usr/bin/psql postgresql-client
        return
    fi
    major=$(installed_major)
    if [ -z "$major" ]; then
        missing="$missing postgresql"
        return
    fi
    extensions=/usr/share/postgresql/$major/extension
    need "/usr/lib/postgresql/$major/bin/postgres" "postgresql-$major"
    need "$extensions/plpython3u.control" "postgresql-plpython3-$major"
    need "$extensions/pg_cron.control" "postgresql-$major-cron"
    if [ "$command" = test ]; then
        need "$extensions/plpgsql_check.control" "postgresql-$major-plpgsql-check"
    fi
}

install_packages() {
    list_missing
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || fail "missing here:$missing" \
        "Without apt this cannot install them; do it by hand and run this again."
    if [ "$user_id" != 0 ]; then
        command -v sudo >/dev/null || fail "missing here:$missing, and there is no sudo" \
            "Ask an administrator to run: apt-get install$missing"
        sudo -n true 2>/dev/null || sudo -v || fail "sudo refused to install$missing" \
            "Ask an administrator to run: apt-get install$missing"
    fi
    hint='Is there a network, and do the package sources work? Then run this again.'
    step 'Reading the package lists' apt_update
    case $missing in *' postgresql')
        # Named by its major version, a later release of the distribution changes nothing here.
        major=$(apt-cache depends postgresql 2>/dev/null |
            sed -n 's/^ *Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1)
        [ "${major:-0}" -ge 15 ] || fail \
            "this distribution offers PostgreSQL ${major:-nowhere}; 15 or newer is needed" \
            "Add the PostgreSQL project's own package source, then run this again."
        missing="${missing% postgresql} postgresql-$major postgresql-plpython3-$major"
        missing="$missing postgresql-$major-cron"
        [ "$command" != test ] || missing="$missing postgresql-$major-plpgsql-check"
        ;;
    esac
    # shellcheck disable=SC2086
    step "Installing${missing}" apt_install $missing
    hint=
    list_missing
    [ -z "$missing" ] || fail "still missing after the installation:$missing"
}
