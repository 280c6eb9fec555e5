"""What ./run does before it starts anything, on machines that lack something.

The scripts are the real ones, in a checkout of their own. The machine around them is made of small shell programs: an
interpreter and an npm that note what they are asked to do, Debian's apt-get, sudo. Nothing is downloaded or installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
TOOLS = (
    *("cat", "chmod", "cp", "dirname", "env", "find", "flock", "grep", "head", "ls", "mkdir", "rm", "sed", "sh", "sha256sum"),
    "sort",
)

PYTHON = """#!/bin/sh
# An interpreter of version {version} that belongs to the test.
log() {{ echo "$*" >>"{log}"; }}
case "$*" in
    *ensurepip*) [ -e "{state}/ensurepip" ] ;;
    *"sys.executable"*) case "{version}" in 3.1[1-9]*) ;; *) exit 1 ;; esac
        case "{version}" in "$3"*) echo "$0" ;; *) exit 1 ;; esac ;;
    *version_info*) echo "{version}" | sed 's/\\.[0-9]*$//' ;;
    --version) echo "Python {version}" ;;
    "-m venv --clear "*) log venv; rm -rf "$4"; mkdir -p "$4/bin"; cp "$0" "$4/bin/python" ;;
    "-m pip --version") ;;
    "-m pip install "*) log pip; status=$(cat "{state}/pip" 2>/dev/null || echo 0)
        [ "$status" = 0 ] || exit "$status"
        printf '#!/bin/sh\\necho "firstlight $*"\\n' >"${{0%/python}}/firstlight"; chmod +x "${{0%/python}}/firstlight" ;;
    *) log "unexpected: $*"; exit 99 ;;
esac
"""
APT_GET = """#!/bin/sh
echo "apt-get $*" >>"{log}"
if [ -e "{state}/stale" ]; then case "$*" in *update*) rm "{state}/stale" ;; *) exit 100 ;; esac; fi
case "$*" in *" install "*python3.11-venv*) : >"{state}/ensurepip" ;; esac
case "$*" in *" install "*npm*) cp "{state}/npm-of-debian" "{bin}/npm"; cp "{state}/node-of-debian" "{bin}/node" ;; esac
"""
NODE = """#!/bin/sh
echo "v{version}"
"""
NPM = """#!/bin/sh
echo "npm $1${{3+ $3}}" >>"{log}"
[ ! -e "{state}/npm-fails" ] || exit 1
case "$1" in
    ci) mkdir -p node_modules ;;
    run) mkdir -p dist; echo built >dist/index.html ;;
esac
"""


class Machine:
    """A computer with a fresh checkout and nothing but a shell and what is put there."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self._bin, self._state, self._log = folder / "bin", folder / "state", folder / "log"
        for made in (self.checkout / "tools", self._bin, self._state, folder / "home"):
            made.mkdir(parents=True)
        for name in ("run", "setup.py", "pyproject.toml", "requirements-peers.txt", "tools/setup.sh"):
            shutil.copy(CHECKOUT / name, self.checkout / name)
        for tool in TOOLS:
            (self._bin / tool).symlink_to(shutil.which(tool, path="/usr/bin:/bin") or "/nowhere")
        self._environment = {"PATH": str(self._bin), "HOME": str(folder / "home")}
        self.become(0)
        self.set("ensurepip", "")

    def become(self, user: int) -> None:
        self.install("id", f"#!/bin/sh\necho {user}\n")

    def install(self, name: str, program: str) -> None:
        path = self._bin / name
        path.write_text(program)
        path.chmod(0o755)

    def install_python(self, version: str, name: str = "python3") -> None:
        self.install(name, PYTHON.format(version=version, log=self._log, state=self._state))

    def install_apt_get(self) -> None:
        self.install("apt-get", APT_GET.format(log=self._log, state=self._state, bin=self._bin))
        self.install("dpkg", f'#!/bin/sh\necho "dpkg $*" >>"{self._log}"\n')

    def add_portal(self) -> Path:
        """Return the folder of a portal's sources."""
        portal = self.checkout / "cloud_sync/portal"
        for folder in ("build", "public", "src"):
            (portal / folder).mkdir(parents=True)
            (portal / folder / "file.ts").write_text(folder)
        for name in ("index.html", "package.json", "package-lock.json", "vite.config.ts"):
            (portal / name).write_text(name)
        return portal

    def install_node(self, version: str = "18.20.4") -> None:
        self.install("node", NODE.format(version=version))
        self.install("npm", NPM.format(log=self._log, state=self._state))

    def offer_node(self) -> None:
        """Let apt-get install a Node."""
        self.install_node()
        for name in ("node", "npm"):
            (self._bin / name).rename(self._state / f"{name}-of-debian")

    def set(self, name: str, value: str) -> None:
        (self._state / name).write_text(value)

    def unset(self, name: str) -> None:
        (self._state / name).unlink()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.checkout / "run"), *arguments]
        return subprocess.run(command, env=self._environment, cwd="/", capture_output=True, text=True, timeout=60, check=False)

    def done(self) -> list[str]:
        """Return what was done since the last question."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        self._log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_first_start_sets_up_and_the_second_has_nothing_to_do(machine: Machine) -> None:
    machine.install_python("3.13.5")
    first = machine.run("--port", "9000")
    assert (first.returncode, first.stdout) == (0, "firstlight run --sim --port 9000\n"), first.stderr
    assert machine.done() == ["venv", "pip"]
    second = machine.run()
    assert (second.returncode, second.stdout, second.stderr) == (0, "firstlight run --sim\n", "")
    assert machine.done() == []


def test_it_goes_on_where_pip_gave_up(machine: Machine) -> None:
    machine.install_python("3.11.2")
    machine.set("pip", "1")
    failed = machine.run()
    assert failed.returncode != 0
    assert "start this again" in failed.stderr
    assert machine.done() == ["venv", "pip"]
    machine.unset("pip")
    assert machine.run().returncode == 0
    assert machine.done() == ["pip"]


def test_it_starts_afresh_where_pip_was_killed(machine: Machine) -> None:
    machine.install_python("3.11.2")
    machine.set("pip", "137")
    assert machine.run().returncode != 0
    machine.unset("pip")
    machine.done()
    assert machine.run().returncode == 0
    assert machine.done() == ["venv", "pip"]


def test_other_requirements_are_installed(machine: Machine) -> None:
    machine.install_python("3.11.2")
    machine.run()
    machine.done()
    with (machine.checkout / "setup.py").open("a") as file:
        file.write("# one more package\n")
    machine.run()
    assert machine.done() == ["pip"]


def test_a_checkout_that_was_moved_is_set_up_again(machine: Machine) -> None:
    machine.install_python("3.11.2")
    machine.run()
    machine.done()
    machine.checkout = machine.checkout.rename(machine.checkout.with_name("elsewhere"))
    assert machine.run().returncode == 0
    assert machine.done() == ["venv", "pip"]


def test_a_folder_with_a_space(machine: Machine) -> None:
    machine.install_python("3.11.2")
    machine.checkout = machine.checkout.rename(machine.checkout.with_name("my kiosk"))
    assert machine.run("--data-dir", "a b").stdout == "firstlight run --sim --data-dir a b\n"


def test_a_newer_python_is_found_beside_an_old_one(machine: Machine) -> None:
    machine.install_python("3.9.2")
    machine.install_python("3.12.4", "python3.12")
    made = machine.run()
    assert made.returncode == 0
    assert "Python 3.12.4" in made.stderr


def test_an_old_python_alone_is_refused_with_a_remedy(machine: Machine) -> None:
    machine.install_python("3.9.2")
    refused = machine.run()
    assert refused.returncode != 0
    assert "needs CPython 3.11 or newer" in refused.stderr
    assert "Python 3.9.2" in refused.stderr
    assert "apt-get install" in refused.stderr
    assert machine.done() == []


def test_what_debian_keeps_apart_is_installed(machine: Machine) -> None:
    machine.install_python("3.11.2")
    machine.install_apt_get()
    machine.unset("ensurepip")
    assert machine.run().returncode == 0
    done = machine.done()
    assert [line for line in done if " install " in line][-1].endswith("install -y --no-install-recommends python3.11-venv")
    assert done[-2:] == ["venv", "pip"]


def test_stale_package_lists_are_refreshed(machine: Machine) -> None:
    machine.install_python("3.11.2")
    machine.install_apt_get()
    machine.unset("ensurepip")
    machine.set("stale", "")
    assert machine.run().returncode == 0
    updates = [line for line in machine.done() if line.endswith("update")]
    assert len(updates) == 1


def test_sudo_is_used_by_who_is_not_root(machine: Machine, tmp_path: Path) -> None:
    machine.install_python("3.11.2")
    machine.install_apt_get()
    machine.unset("ensurepip")
    machine.become(1000)
    machine.install("sudo", f'#!/bin/sh\necho "sudo" >>"{tmp_path}/log"\nexec "$@"\n')
    assert machine.run().returncode == 0
    assert machine.done()[0] == "sudo"


@pytest.mark.parametrize("has_apt_get", [True, False])
def test_without_rights_or_apt_get_it_says_what_is_missing(machine: Machine, has_apt_get: bool) -> None:
    machine.install_python("3.11.2")
    if has_apt_get:
        machine.install_apt_get()
    machine.unset("ensurepip")
    machine.become(1000)
    refused = machine.run()
    assert refused.returncode != 0
    assert "python3.11-venv" in refused.stderr
    assert ("neither" in refused.stderr) == has_apt_get
    assert machine.done() == []


def test_two_at_once_set_up_once(machine: Machine) -> None:
    machine.install_python("3.11.2")
    environment = {**os.environ, "PATH": f"{machine.checkout.parent}/bin"}
    both = [
        subprocess.Popen(
            [machine.checkout / "run"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        for _ in range(2)
    ]
    assert [process.communicate(timeout=60)[0] for process in both] == ["firstlight run --sim\n"] * 2
    assert machine.done() == ["venv", "pip"]


def test_the_portal_is_built_once_for_its_sources(machine: Machine) -> None:
    machine.install_python("3.11.2")
    machine.install_node()
    portal = machine.add_portal()
    first = machine.run()
    assert (first.returncode, first.stdout) == (0, "firstlight run --sim\n"), first.stderr
    assert machine.done() == ["venv", "pip", "npm ci --no-fund", "npm run build"]
    second = machine.run()
    assert (second.returncode, second.stderr) == (0, "")
    assert machine.done() == []
    (portal / "src/file.ts").write_text("changed")
    machine.run()
    assert machine.done() == ["npm run build"]
    (portal / "package-lock.json").write_text("another package")
    machine.run()
    assert machine.done() == ["npm ci --no-fund", "npm run build"]


def test_debians_node_is_installed_for_the_portal(machine: Machine) -> None:
    machine.install_python("3.11.2")
    machine.install_apt_get()
    machine.offer_node()
    machine.add_portal()
    assert machine.run().returncode == 0
    done = machine.done()
    assert [line for line in done if " install " in line][-1].endswith("install -y --no-install-recommends nodejs npm")
    assert done[-2:] == ["npm ci --no-fund", "npm run build"]


def test_without_node_the_rest_runs_and_says_how_to_get_the_portal(machine: Machine) -> None:
    machine.install_python("3.11.2")
    machine.add_portal()
    run = machine.run()
    assert (run.returncode, run.stdout) == (0, "firstlight run --sim\n")
    assert "apt-get install nodejs npm" in run.stderr
    assert "Going on without a new build of the doctors' portal" in run.stderr


def test_an_old_node_is_not_used(machine: Machine) -> None:
    machine.install_python("3.11.2")
    machine.install_node("16.20.2")
    machine.add_portal()
    run = machine.run()
    assert run.returncode == 0
    assert "no Node from version 18 on: found v16.20.2" in run.stderr
    assert machine.done() == ["venv", "pip"]


def test_without_internet_the_portal_of_before_stays(machine: Machine) -> None:
    machine.install_python("3.11.2")
    machine.install_node()
    portal = machine.add_portal()
    machine.run()
    (portal / "package-lock.json").write_text("another package")
    machine.set("npm-fails", "")
    machine.done()
    run = machine.run()
    assert (run.returncode, run.stdout) == (0, "firstlight run --sim\n")
    assert "Without internet" in run.stderr
    assert (portal / "dist/index.html").read_text() == "built\n"
    machine.unset("npm-fails")
    machine.done()
    machine.run()
    assert machine.done() == ["npm ci --no-fund", "npm run build"]
