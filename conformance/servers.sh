# For the scripts of this folder: starting servers on free ports and ending them. To be sourced.
processes=()

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# start NAME LOG COMMAND...: starts a server on a free port, waits until it answers, and sets the variable NAME to the port.
start() {
    local name=$1 log=$2 port
    shift 2
    port=$(free_port)
    "$@" --port "$port" --save '' >"$log" 2>&1 &
    processes+=($!)
    for _ in $(seq 200); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            printf -v "$name" '%s' "$port"
            return
        fi
        sleep 0.05
    done
    echo "$1 did not start:" >&2
    cat "$log" >&2
    exit 1
}

# Ends what was started; says the worst exit status.
finish() {
    local worst=0 status
    for process in "${processes[@]}"; do
        kill "$process" 2>/dev/null || true
        status=0
        wait "$process" || status=$?
        [ "$status" -le "$worst" ] || worst=$status
    done
    processes=()
    return "$worst"
}

trap 'finish || true; rm -rf "${work:-}"' EXIT
work=$(mktemp -d)
