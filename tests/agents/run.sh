#!/usr/bin/env bash
# Real agents of the Agent Client Protocol against a scripted endpoint, in a network namespace that has loopback alone: `make test-agents`.
# Installs them by npm into a cache first. Where that or the namespace is not to be had nothing is tested, which is said and no success:
# it ends with 1. So does a run in which every case is skipped, and with BATON_AGENTS_REQUIRED=1 one in which any is.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
packages=(opencode-ai@1 @zed-industries/codex-acp@0 @agentclientprotocol/claude-agent-acp@0 @google/gemini-cli@0)

skip() {
  echo "test-agents: everything is skipped: $1"
  exit 1
}

export BATON=${BATON:-$root/build/release/baton}
export BATON_SOURCE_DIR=$root
[[ -x $BATON ]] || { echo "test-agents: $BATON is not built; run make first." >&2; exit 1; }
cache=${BATON_AGENTS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/baton-test-agents}
mkdir -p "$cache"
if [[ ! -e $cache/ready ]]; then
  echo "test-agents: installing ${packages[*]}"
  [[ -e $cache/package.json ]] || echo '{"private": true}' > "$cache/package.json"
  (cd "$cache" && npm install --no-audit --no-fund --loglevel=error "${packages[@]}") > "$cache/install.log" 2>&1 || skip "npm cannot install the agents: $(tail -n 1 "$cache/install.log")"
  touch "$cache/ready"
fi
export PATH=$cache/node_modules/.bin:$PATH

# The namespace: as root, or as a user where that is allowed.
up='import fcntl, socket, struct; s = socket.socket(); fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 0x49))'
for flags in -n -rn; do
  if unshare $flags python3 -c "$up" 2> /dev/null; then
    exec unshare $flags sh -c 'python3 -c "$1" && shift && exec python3 "$@"' sh "$up" "$here/real_agents.py" "$@"
  fi
done
skip "this machine allows no network namespace (unshare -n)"
