#!/usr/bin/env bash
# Installs the Debian packages that are missing for a purpose, and says in one sentence why it cannot.
#
#   scripts/setup.sh [build|test|editors|forges|bench]...      default: build
#
# Quick and silent when everything is there. BATON_SKIP_SETUP=1 skips it (for dependencies that come from elsewhere).
set -euo pipefail

stop() { echo "setup: $1" >&2; exit 1; }

# Libraries are looked for as packages; programs (program:package) and Python modules (module:package) may come from anywhere.
build_packages="nlohmann-json3-dev libasio-dev libgit2-dev libspdlog-dev libgtest-dev libsqlite3-dev libcli11-dev
  libre2-dev libpugixml-dev libyaml-cpp-dev libseccomp-dev libssl-dev libcurl4-openssl-dev libcpp-httplib-dev"
build_programs="g++:g++ cmake:cmake make:make git:git pkg-config:pkg-config node:nodejs npm:npm python3:python3 bwrap:bubblewrap"
test_modules="ensurepip:python3-venv pytest:python3-pytest"
test_programs="clang-tidy:clang-tidy clang-format:clang-format shellcheck:shellcheck"
editors_programs="nvim:neovim chromium:chromium"
editors_packages="fonts-dejavu-core"
forges_packages="openssh-server lighttpd"
bench_programs="clangd:clangd efm-langserver:efm-langserver"

[[ ${BATON_SKIP_SETUP:-} == 1 ]] && exit 0
[[ $# -gt 0 ]] || set -- build

packages="" programs="" modules=""
for group in "$@"; do
  case $group in
    build) packages+=" $build_packages" programs+=" $build_programs" ;;
    test) modules+=" $test_modules" programs+=" $test_programs" ;;
    editors) packages+=" $editors_packages" programs+=" $editors_programs" ;;
    forges) packages+=" $forges_packages" ;;
    bench) programs+=" $bench_programs" ;;
    *) stop "there is no group '$group'; the groups are build, test, editors, forges and bench." ;;
  esac
done

missing=()
for pair in $programs; do
  command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
done
if [[ -n $modules ]]; then
  # One start of Python for all of them; without Python every package is wanted.
  packages+=" $(python3 - $modules 2>/dev/null <<'END' || for pair in $modules; do printf '%s ' "${pair#*:}"; done
import importlib.util, sys
for module, package in (pair.split(":") for pair in sys.argv[1:]):
    if importlib.util.find_spec(module) is None:
        print(package, end=" ")
END
)"
fi
if [[ -n ${packages//[[:space:]]/} ]]; then
  command -v dpkg-query >/dev/null || stop "this system has no dpkg, so install what docs/dependencies.md lists by its own package manager and run again with BATON_SKIP_SETUP=1."
  installed=" $(dpkg-query -W -f '${Package}:${db:Status-Status} ' $packages 2>/dev/null || true)"
  for package in $packages; do
    [[ $installed == *" $package:installed "* ]] || missing+=("$package")
  done
fi
[[ ${#missing[@]} -gt 0 ]] || exit 0

list="${missing[*]}"
command -v apt-get >/dev/null || stop "these packages are missing and there is no apt-get to install them: $list."
root=()
if [[ $(id -u) != 0 ]]; then
  command -v sudo >/dev/null || stop "these packages are missing and only root may install them: apt-get install $list"
  root=(sudo)
  # Without a terminal sudo cannot ask for a password, and must not wait for one.
  [[ -t 0 ]] || root=(sudo -n)
  "${root[@]}" true || stop "these packages are missing and sudo refused: sudo apt-get install $list"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "setup: installing $list"
apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } </dev/null >"$log" 2>&1; then
  tail -n 5 "$log" >&2
  stop "apt-get could not install $list (its last words are above); check the network and the apt sources and run again."
fi
