# shellcheck shell=sh
# Sourced by ./run and ./test: finds a Python, makes virtual environments, installs what is missing and says so.
#
# Needs the variable `root`, the folder of the checkout. Plain POSIX shell, because it runs before anything is installed.
# A step that succeeded leaves a stamp and is not repeated; a step that failed is tried again the next time.
# Nothing here relies on `set -e`, which a caller's `if` or `||` would switch off: each step hands on its own status.

: "${root:?is the folder of the checkout}"

# A stripped environment (cron, `env -i`) is enough.
PATH=${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}
export PATH PIP_DISABLE_PIP_VERSION_CHECK=1

say() {
    printf 'firstlight: %s\n' "$*" >&2
}

die() {
    say "$*"
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# How a person would do by hand what `install_packages` does.
by_hand() {
    if [ "$(id -u)" = 0 ]; then echo "apt-get install $*"; else echo "sudo apt-get install $*"; fi
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 "$@" </dev/null >&2
}

apt_install() {
    apt_get install -y --no-install-recommends "$@"
}

# install_packages PACKAGE...: Debian packages, with root's or sudo's rights.
install_packages() {
    if ! command -v apt-get >/dev/null 2>&1; then
        say "This system has no apt-get. Please install by its own means: $*"
        return 1
    fi
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
        say "Installing needs root or sudo, and there is neither. Please let an administrator run: apt-get install $*"
        return 1
    fi
    say "Installing Debian packages: $*"
    if ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1; then
        apt_install "$@" && return
        say "That failed. Once more, with fresh package lists, and after finishing what was interrupted"
    fi
    { as_root dpkg --configure -a >&2 && apt_get update && apt_install "$@"; } || {
        say "apt-get could not install it; its own words are above. When that is put right, start this again, or do it by hand: $(by_hand "$@")"
        return 1
    }
}

# python_path COMMAND [VERSION]: print the interpreter behind COMMAND if it can run Firstlight, and is of VERSION (3.11).
python_path() {
    "$1" -c '
import struct, sys
wanted = tuple(int(part) for part in sys.argv[1].split(".") if part)
usable = sys.implementation.name == "cpython" and struct.calcsize("P") == 8 and sys.version_info >= (3, 11)
if not usable or sys.version_info[: len(wanted)] != wanted:
    raise SystemExit(1)
print(sys.executable)' "${2-}" </dev/null 2>/dev/null
}

# python_candidates [VERSION]: print one command or path on each line, the likeliest first.
python_candidates() {
    pyenv=${PYENV_ROOT:-${HOME:-/root}/.pyenv}/versions
    if [ -n "${1-}" ]; then
        printf '%s\n' "python$1" python3 "$pyenv/$1"*/bin/python
    else
        printf '%s\n' python3 python3.13 python3.12 python3.11 "$pyenv"/3.1[1-9]*/bin/python
    fi
}

# find_python [VERSION]: print the path of an interpreter of that version, or of any from 3.11 on.
find_python() {
    python_candidates "${1-}" | while IFS= read -r candidate; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        python_path "$candidate" "${1-}" && break
    done | grep .
}

# require_python: print the path of any interpreter from 3.11 on; fail with what to do.
require_python() {
    find_python && return
    found="none"
    if command -v python3 >/dev/null 2>&1; then
        found="$(python3 --version 2>&1) at $(command -v python3)"
    else
        say "There is no Python on this machine"
        install_packages python3 python3-venv || return
        find_python && return
    fi
    say "Firstlight needs CPython 3.11 or newer, 64 bit, and found: $found."
    say "Debian 12 and 13 bring one: $(by_hand python3 python3-venv). Elsewhere install one as python3.11 or python3.13, or with pyenv."
    return 1
}

# require_ensurepip PYTHON: Debian keeps a part of Python that virtual environments need in a package of its own.
require_ensurepip() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 && return
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || return
    say "$1 cannot make virtual environments yet"
    install_packages "python$version-venv" || return
    "$1" -c 'import ensurepip, venv' && return
    say "$1 still lacks its module ensurepip. Is it Debian's own Python? Others bring it themselves, or must be built with it."
    return 1
}

pip_install() { # FOLDER ARGUMENT...
    pip_venv=$1
    shift
    "$pip_venv/bin/python" -m pip install --quiet --progress-bar off "$@" </dev/null >&2 && return
    pip_status=$?
    say "pip could not install: $*. Its own words are above. Without internet nothing can be set up; otherwise start this again."
    return "$pip_status"
}

# fingerprint TEXT: print the checkout's place, which an environment is tied to, and a hash of all that decides its contents.
fingerprint() {
    printf '%s\n' "$root"
    { cat "$root/setup.py" "$root/pyproject.toml" "$root"/requirements*.txt "$root/tools/setup.sh" && printf '%s\n' "$1"; } | sha256sum
}

is_set_up() { # FOLDER FINGERPRINT
    [ -x "$1/bin/python" ] && [ "$(cat "$1/.set-up" 2>/dev/null)" = "$2" ]
}

# is_sound FOLDER [VERSION]: whether pip can go on with this environment. One that was moved, or whose pip was killed, is not.
is_sound() {
    [ ! -e "$1/.unfinished" ] || return
    if [ -e "$1/.set-up" ]; then grep -qxF "$root" "$1/.set-up" || return; fi
    python_path "$1/bin/python" "${2-}" >/dev/null && "$1/bin/python" -m pip --version >/dev/null 2>&1
}

# ensure_venv FOLDER INSTALL [VERSION]: make the environment FOLDER and fill it by the function INSTALL, unless that is done.
# An environment that exists keeps its Python; a new one gets VERSION, or any from 3.11 on.
ensure_venv() {
    folder=$1 install=$2 version=${3-}
    mark=$(fingerprint "$install $version") || return
    is_set_up "$folder" "$mark" && return
    mkdir -p "$root/.cache" || return
    (
        # A second ./run or ./test waits here, and then finds the work done.
        if command -v flock >/dev/null 2>&1; then flock 9; fi
        is_set_up "$folder" "$mark" && exit
        make_venv "$folder" "$version" && fill_venv "$folder" "$install" && printf '%s\n' "$mark" >"$folder/.set-up"
    ) 9>"$root/.cache/set-up.lock"
}

# make_venv FOLDER [VERSION]: an empty environment, unless there is a sound one.
make_venv() {
    is_sound "$@" && return
    if [ -n "${2-}" ]; then python=$(find_python "$2"); else python=$(require_python); fi || return
    require_ensurepip "$python" || return
    say "Making ${1#"$root"/} with $("$python" --version) ($python)"
    "$python" -m venv --clear "$1"
}

# fill_venv FOLDER INSTALL: a mark tells the next start that pip was killed half-way, which may leave half a package.
fill_venv() {
    say "Installing Python packages into ${1#"$root"/}; the first time takes a minute or two"
    : >"$1/.unfinished"
    "$2" "$1"
    installed=$?
    if [ "$installed" -lt 128 ]; then rm -f "$1/.unfinished"; fi
    return "$installed"
}

# The doctors' portal is written in TypeScript and built here once; a Node from 18 on is enough, as Debian 12 brings it.
portal=$root/cloud_sync/portal

# node_is_usable: whether there is an npm and a Node that is new enough.
node_is_usable() {
    command -v npm >/dev/null 2>&1 || return
    node_major=$(node --version 2>/dev/null) && node_major=${node_major#v} && [ "${node_major%%.*}" -ge 18 ] 2>/dev/null
}

require_node() {
    node_is_usable && return
    say "The doctors' portal is built with Node"
    install_packages nodejs npm && node_is_usable && return
    say "There is no Node from version 18 on: found $(node --version 2>/dev/null || echo none). Debian 12 and 13 bring one: $(by_hand nodejs npm)"
    return 1
}

# portal_packages_fingerprint, portal_fingerprint: hashes of all that decides what npm installs, and what the build makes.
portal_packages_fingerprint() {
    (cd "$portal" && cat package-lock.json && node --version) | sha256sum
}

portal_fingerprint() {
    (cd "$portal" && find ./*.json ./*.html ./*.ts build public src -type f -exec sha256sum {} + | LC_ALL=C sort) | sha256sum
}

portal_packages_are_there() {
    [ "$(cat "$portal/node_modules/.set-up" 2>/dev/null)" = "$(portal_packages_fingerprint)" ]
}

# ensure_portal_packages: what the portal's build and tests need, as its lock file names it.
ensure_portal_packages() {
    require_node || return
    portal_packages_are_there && return
    mkdir -p "$root/.cache" || return
    (
        if command -v flock >/dev/null 2>&1; then flock 8; fi
        portal_packages_are_there || install_portal_packages
    ) 8>"$root/.cache/portal-packages.lock"
}

install_portal_packages() {
    say "Installing the portal's packages; the first time takes a minute or two"
    (cd "$portal" && npm ci --no-audit --no-fund --loglevel=error </dev/null >&2) || {
        say "npm could not install the portal's packages. Its own words are above. Without internet that cannot be done; otherwise start this again."
        return 1
    }
    portal_packages_fingerprint >"$portal/node_modules/.set-up"
}

build_portal() {
    ensure_portal_packages || return
    say "Building the doctors' portal"
    (cd "$portal" && npm run --silent build </dev/null >&2) || {
        say "The portal could not be built. The words of its build are above."
        return 1
    }
    portal_fingerprint >"$portal/dist/.set-up"
}

portal_is_built() {
    [ -e "$portal/dist/index.html" ] && [ "$(cat "$portal/dist/.set-up" 2>/dev/null)" = "$(portal_fingerprint)" ]
}

# ensure_portal: build the portal unless that is done. Everything else runs without it, so the caller decides what a failure means.
ensure_portal() {
    if [ ! -e "$portal/package.json" ] || portal_is_built; then return; fi
    mkdir -p "$root/.cache" || return
    (
        # A second ./run or ./test waits here, and then finds the work done.
        if command -v flock >/dev/null 2>&1; then flock 9; fi
        portal_is_built || build_portal
    ) 9>"$root/.cache/portal.lock"
}
