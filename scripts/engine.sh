# A Docker engine for scripts that need one: the one that answers, else one of our own. Sourced after lib.sh, never run.

# Debian's client: another one in PATH may lack what is used here.
docker() { command /usr/bin/docker "$@"; }

# need_engine DIR: returns when an engine answers. One that had to be started lives in DIR, on a socket of its own, and ends with
# end_engine; what it has built is found there again the next time.
need_engine() {
    engine_pid=
    export DOCKER_BUILDKIT=1 COMPOSE_DOCKER_CLI_BUILD=1
    if docker version >/dev/null 2>&1; then return; fi
    [ "$(id -u)" = 0 ] || die "no Docker engine answers, and starting one needs root"
    mkdir -p "$1"
    export DOCKER_HOST=unix://$1/docker.sock
    say "Starting a Docker engine in $1"
    setsid dockerd --data-root "$1/data" --exec-root "$1/exec" --pidfile "$1/pid" -H "$DOCKER_HOST" \
        >"$1/log" 2>&1 </dev/null &
    engine_pid=$!
    local end=$((SECONDS + 120))
    until docker version >/dev/null 2>&1; do
        [ -d /proc/$engine_pid ] && [ $SECONDS -lt $end ] || { tail -n 20 "$1/log" >&2; die "dockerd does not start"; }
        sleep 0.1
    done
}

# The containers end with their engine.
end_engine() {
    [ -n "$engine_pid" ] || return 0
    kill "$engine_pid" 2>/dev/null || true
    wait "$engine_pid" 2>/dev/null || true
    engine_pid=
}

# need_base_images DIR: Debian's images by the names that the Dockerfile has for them. From a registry where that answers; else made
# here out of Debian's archive, one image under both names.
need_base_images() {
    local missing=() image
    for image in debian:bookworm debian:bookworm-slim; do
        docker image inspect $image >/dev/null 2>&1 || timeout 60 docker pull -q $image >/dev/null 2>&1 || missing+=($image)
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Making ${missing[*]}"
    as_root debootstrap --variant=minbase --include=ca-certificates bookworm "$1" >"$1.log" || { tail -n 20 "$1.log" >&2; die "debootstrap failed"; }
    as_root rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/* "$1"/usr/share/doc/* "$1"/usr/share/man/*
    as_root tar -C "$1" -c . | docker import -c 'CMD ["bash"]' - "${missing[0]}" >/dev/null
    for image in "${missing[@]:1}"; do docker tag "${missing[0]}" "$image"; done
    as_root rm -rf "$1"
}
