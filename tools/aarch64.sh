# shellcheck shell=sh
# Sourced by ./test: a Python for 64-bit Arm that runs on this machine in user-mode emulation, for the models' golden sets.
#
# Debian's own packages are unpacked into a folder, never installed: no root file system is booted, nothing is mounted, and
# neither binfmt nor a foreign architecture is set up on the host. Only the emulator itself is a package of the host.

: "${root:?is the folder of the checkout}"

# What the networks need, in the versions that the tests run with here, so that nothing but the machine differs.
aarch64_wheels() { # PYTHON
    "$1" -m pip freeze --exclude-editable | grep -E '^(numpy|ai-edge-litert)=='
}

emulator() {
    command -v qemu-aarch64-static || command -v qemu-aarch64
}

# ensure_aarch64 FOLDER PYTHON: make FOLDER/bin/python, unless that is done. PYTHON is one of this machine, for its pip.
ensure_aarch64() {
    arm=$1 host_python=$2
    if ! command -v apt-get >/dev/null 2>&1; then
        say "The aarch64 tests take a Python from Debian's packages, and this system has no apt-get"
        return 1
    fi
    emulator >/dev/null || install_packages qemu-user-static || return
    wheels=$(aarch64_wheels "$host_python") || return
    mark=$(fingerprint "$(cat "$root/tools/aarch64.sh") $wheels $(emulator)") || return
    is_set_up "$arm" "$mark" && return
    mkdir -p "$root/.cache" || return
    (
        if command -v flock >/dev/null 2>&1; then flock 9; fi
        is_set_up "$arm" "$mark" && exit
        say "Unpacking a Python for aarch64 into ${arm#"$root"/}; the first time takes about a minute"
        rm -rf "$arm" && mkdir -p "$arm/root" "$arm/bin" || exit
        unpack_debian "$arm" && install_wheels "$arm" "$host_python" && write_python "$arm" || exit
        say "The tests on aarch64 use $("$arm/bin/python" --version)" && printf '%s\n' "$mark" >"$arm/.set-up"
    ) 9>"$root/.cache/set-up.lock"
}

# unpack_debian FOLDER: Debian's python3 for arm64 with all that it depends on, into FOLDER/root. apt has its own state there.
unpack_debian() {
    state=$1/apt
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial" && : >"$state/status" || return
    set -- "$1" -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State::lists="$state/lists" \
        -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" -o Debug::NoLocking=1 \
        -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none
    folder=$1
    shift
    apt-get "$@" update </dev/null >&2 || return
    apt-get "$@" -y --no-install-recommends --download-only install python3 libstdc++6 </dev/null >&2 || return
    for package in "$state"/cache/archives/*.deb; do
        dpkg-deb -x "$package" "$folder/root" || return
    done
    rm -rf "$state"
    # In Debian, /lib has been a part of /usr/lib since bookworm; a package may still come with either.
    if [ -d "$folder/root/lib" ] && [ ! -L "$folder/root/lib" ]; then
        cp -a "$folder/root/lib/." "$folder/root/usr/lib/" && rm -rf "$folder/root/lib" || return
    fi
    ln -sfn usr/lib "$folder/root/lib" || return
    # An inference runtime that reads an x86 processor's file on Arm crashes. A Raspberry Pi 4's says what it needs.
    mkdir -p "$folder/root/proc"
    printf '%s\n' "processor : 0" "Features : fp asimd evtstrm crc32 cpuid" "CPU implementer : 0x41" "CPU architecture: 8" \
        "CPU variant : 0x0" "CPU part : 0xd08" "CPU revision : 3" >"$folder/root/proc/cpuinfo"
}

# guest_version FOLDER: print 3.11 or 3.13.
guest_version() {
    guest=$(readlink "$1/root/usr/bin/python3") && echo "${guest#python}"
}

install_wheels() { # FOLDER PYTHON
    guest=$(guest_version "$1") || return
    set -- "$1" "$2" --target "$1/site" --implementation cp --python-version "$guest" --only-binary=:all: --no-deps
    for platform in 2014 _2_27 _2_28 _2_34; do
        set -- "$@" --platform "manylinux${platform}_aarch64"
    done
    target_python=$2
    shift 2
    # shellcheck disable=SC2086  # two words on purpose
    "$target_python" -m pip install --quiet --progress-bar off "$@" $wheels </dev/null >&2
}

# write_python FOLDER: the program that looks like any other Python.
write_python() {
    guest=$(guest_version "$1") || return
    cat >"$1/bin/python" <<PROGRAM || return
#!/bin/sh
exec "$(emulator)" -L "$1/root" -E PYTHONHOME="$1/root/usr" -E PYTHONPATH="$1/site\${PYTHONPATH:+:\$PYTHONPATH}" \\
    -E PYTHONDONTWRITEBYTECODE=1 "$1/root/usr/bin/python$guest" "\$@"
PROGRAM
    chmod +x "$1/bin/python"
}
