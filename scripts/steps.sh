# shellcheck shell=bash
# Sourced by the scripts: named steps with their times, and a summary at the end.

step_names=()
step_times=()
step_started=$SECONDS
step_name=""

# Ends the running step and starts the next one.
step() {
    end_step
    step_name=$1
    step_started=$SECONDS
    printf '\n==> %s\n' "$step_name"
}

end_step() {
    [ -n "$step_name" ] || return 0
    local took=$((SECONDS - step_started))
    step_names+=("$step_name")
    step_times+=("$took")
    printf '    %s: %s\n' "$step_name" "$(minutes $took)"
    step_name=""
}

# Prints every step with its time, and their sum.
steps_summary() {
    end_step
    local i total=0
    printf '\n'
    for i in "${!step_names[@]}"; do
        total=$((total + step_times[i]))
        printf '    %7s  %s\n' "$(minutes "${step_times[i]}")" "${step_names[i]}"
    done
    printf '    %7s  together\n' "$(minutes $total)"
}

minutes() {
    printf '%d:%02d' $(($1 / 60)) $(($1 % 60))
}

# Runs a command with its output in a log; shows the log's end only when it fails.
# On a terminal the output is shown as it comes.
logged() {
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    if [ -t 1 ]; then
        "$@"
        return
    fi
    if ! "$@" >"$log" 2>&1; then
        grep -E '(error|warning):' "$log" | sort -u | head -n 40 || true
        tail -n 40 "$log"
        printf 'The whole log: %s\n' "$log"
        return 1
    fi
    tail -n 1 "$log"
}

# What set-up and tests have fetched, for every checkout on this machine: a second one needs no network.
kept=${XDG_CACHE_HOME:-$HOME/.cache}/elk

say() { printf '    %s\n' "$*"; }

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# A TCP port of 127.0.0.1 that nothing listens on now.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Whether something accepts connections on a port of 127.0.0.1.
port_answers() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Waits until the server on a port is ready; fails when its process ends first or after two minutes.
wait_for_health() {
    local port=$1 pid=$2 tries=0
    until curl -fsS -o /dev/null "http://127.0.0.1:$port/health" 2>/dev/null; do
        kill -0 "$pid" 2>/dev/null || return 1
        tries=$((tries + 1))
        [ $tries -lt 600 ] || return 1
        sleep 0.2
    done
}
