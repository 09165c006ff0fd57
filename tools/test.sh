#!/usr/bin/env bash
# Everything: checks, then the suite on SQLite and on PostgreSQL. Installs the system packages that tests need where
# it may (root, apt-get); elsewhere it prints the one line to run, and the tests that need them say that they skip.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
export PYTHONPATH=src

need=()
command -v chromium >/dev/null || need+=(chromium)
command -v bwrap >/dev/null || need+=(bubblewrap)
command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || need+=(mariadb-server)
command -v redis-server >/dev/null || need+=(redis-server)
command -v pdftoppm >/dev/null || need+=(poppler-utils)
[ -n "$(fc-list :lang=zh family 2>/dev/null)" ] || need+=(fonts-noto-cjk)
if [ ${#need[@]} -gt 0 ]; then
  line="apt-get update && apt-get install -y --no-install-recommends ${need[*]}"
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing ${need[*]} …"
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}") \
      >"${TMPDIR:-/tmp}/jinbang-apt.log" 2>&1 || { tail -5 "${TMPDIR:-/tmp}/jinbang-apt.log" >&2; echo "not installed; go on without" >&2; }
  else
    echo "some tests will skip: they need ${need[*]}. To run them too:  sudo sh -c '$line'"
  fi
fi

tools/check.sh

browser=(tests/browser tests/web/shell/test_browser.py tests/web/centre/test_browser.py)
without=("${browser[@]/#/--ignore=}")

# suite MARKS ARGUMENTS… — two processes; what fails is tried once more by itself. A test that passes only then is unsteady: it
# is named in the output, to be mended, but a busy machine does not turn the whole run red.
suite() {
  local status=0
  $bin/python -m pytest -n 2 --dist loadscope -m "$@" || status=$?
  if [ "$status" -eq 1 ]; then
    echo "trying what failed once more, by itself; what passes now is unsteady:"
    status=0
    $bin/python -m pytest --last-failed --last-failed-no-failures none -rA -m "$@" || status=$?
  fi
  return "$status"
}

# The suite on SQLite; then the browser's part by itself (Playwright keeps an event loop running in its process); then what
# touches a database again on a real PostgreSQL out of a wheel.
suite "not soak" "${without[@]}"
for part in "${browser[@]}"; do suite "not soak" "$part"; done  # one Playwright a process
database=$($bin/python tools/postgres.py start)
trap '$bin/python tools/postgres.py stop' EXIT
echo "again on PostgreSQL"
JINBANG_DATABASE="$database" suite "not soak and not sandbox and not services" \
  "${without[@]}" --ignore=tests/judge --ignore=tests/pdf --ignore=tests/core --ignore=tests/tools --ignore=tests/cli
