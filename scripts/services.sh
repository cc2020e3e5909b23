# Starts the sandbox and the broker for scripts/run and scripts/demo. To be sourced; `set -euo pipefail` is on.

target=${CARGO_TARGET_DIR:-target}
binaries=$target/debug
started=()

# What this script started ends with it, by process id.
end_services() {
    for pid in ${started[@]+"${started[@]}"}; do kill "$pid" 2>/dev/null || true; done
    for pid in ${started[@]+"${started[@]}"}; do wait "$pid" 2>/dev/null || true; done
    started=()
}

# start_service LOG COMMAND…: starts it, waits for `listening on URL`, and leaves URL in $url. Fails when it ends before that.
start_service() {
    local log=$1
    shift
    : >"$log"
    # Its settings are in its arguments and its file alone: no variable of this shell mixes in.
    env -i PATH="$PATH" HOME="$HOME" RUST_LOG="${RUST_LOG:-warn}" "$@" >"$log" 2>"$log.err" &
    local pid=$!
    started+=("$pid")
    url=
    for _ in $(seq 600); do
        url=$(sed -n '1s|^listening on \(http://[^ ]*[^ /]\)/*$|\1|p' "$log")
        [[ -n $url ]] && return 0
        kill -0 "$pid" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}

# start_sandbox FOLDER PORT [ARGUMENT]…: leaves its origin in $sandbox.
start_sandbox() {
    local folder=$1 port=$2
    shift 2
    start_service "$folder/sandbox.log" "$binaries/convoke-sandbox" --listen "127.0.0.1:$port" "$@" || return 1
    sandbox=$url
}

# start_broker FOLDER PORT: for the sandbox at $sandbox; leaves its origin in $broker. Its configuration has mode 0600.
start_broker() {
    local folder=$1 port=$2
    (umask 077 && cat >"$folder/broker.toml" <<TOML
PORT = $port
TEAMS_CLIENT_ID = "sandbox-client"
TEAMS_CLIENT_SECRET = "sandbox-secret"
TEAMS_AUTHORIZE_URL = "$sandbox/teams/oauth2/v2.0/authorize"
TEAMS_TOKEN_URL = "$sandbox/teams/oauth2/v2.0/token"
ZOOM_CLIENT_ID = "sandbox-client"
ZOOM_CLIENT_SECRET = "sandbox-secret"
ZOOM_AUTHORIZE_URL = "$sandbox/zoom/oauth/authorize"
ZOOM_TOKEN_URL = "$sandbox/zoom/oauth/token"
ZOOM_REVOKE_URL = "$sandbox/zoom/oauth/revoke"
WEBEX_CLIENT_ID = "sandbox-client"
WEBEX_CLIENT_SECRET = "sandbox-secret"
WEBEX_AUTHORIZE_URL = "$sandbox/webex/v1/authorize"
WEBEX_TOKEN_URL = "$sandbox/webex/v1/access_token"
GTM_CLIENT_ID = "sandbox-client"
GTM_CLIENT_SECRET = "sandbox-secret"
GTM_AUTHORIZE_URL = "$sandbox/goto/oauth/authorize"
GTM_TOKEN_URL = "$sandbox/goto/oauth/token"
GTM_REVOKE_URL = "$sandbox/goto/oauth/revoke"
TOML
    )
    start_service "$folder/broker.log" "$binaries/convoke-broker" --config "$folder/broker.toml" || return 1
    broker=$url
}

# write_profile FILE: profiles/sandbox.toml, led to $sandbox and $broker.
write_profile() {
    sed -e "s|http://127.0.0.1:8791|$sandbox|" -e "s|http://127.0.0.1:8790|$broker|" profiles/sandbox.toml >"$1"
}

# A service that did not start: its own words, and an end.
give_up() {
    echo "$1 did not start:" >&2
    cat "$2.err" "$2" >&2 2>/dev/null || true
    exit 1
}
