#!/usr/bin/env bash
# Everything: checks, then the suite on SQLite and on PostgreSQL. Installs the system packages that tests need where
# it may (root, apt-get); elsewhere it prints the one line to run, and the tests that need them say that they skip.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
export PYTHONPATH=src

# Whatever a test leaves behind goes with this directory, and two runs on one machine do not meet. Other users' servers
# and sandboxes must be able to look into it.
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/jinbang-run-XXXXXX")
export TMPDIR
chmod 755 "$TMPDIR"
end() {
  kill $(jobs -p) 2>/dev/null || :  # the toolchain, where a check failed before it was built
  $bin/python tools/postgres.py stop || echo "PostgreSQL did not stop" >&2
  rm -rf "$TMPDIR"
}
trap end EXIT

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
      >"$TMPDIR/apt.log" 2>&1 || { tail -5 "$TMPDIR/apt.log" >&2; echo "not installed; go on without" >&2; }
  else
    echo "some tests will skip: they need ${need[*]}. To run them too:  sudo sh -c '$line'"
  fi
fi

# The toolchain of the shipped tasks takes a minute or two to build. It is built beside the checks and the first tests;
# a test that needs it waits for it, and says why if it could not be built.
JINBANG_TOOLCHAINS=$PWD/var/toolchains $bin/jinbang judge prepare modern >"$TMPDIR/modern.log" 2>&1 &

tools/check.sh

# suite PROCESSES MARKS ARGUMENTS… — tests/order.py shares it out. Four processes where much of it waits, two where
# Chromium keeps the processors busy. What fails is tried once more by itself. A test that passes only then is unsteady:
# it is named in the output, to be mended, but a busy machine does not turn the whole run red.
suite() {
  local status=0 processes=$1
  shift
  $bin/python -m pytest -n "$processes" --dist loadscope -m "$@" || status=$?
  if [ "$status" -eq 1 ]; then
    echo "trying what failed once more, by itself; what passes now is unsteady:"
    status=0
    $bin/python -m pytest --last-failed --last-failed-no-failures none -rA -m "$@" || status=$?
  fi
  return "$status"
}

# The suite on SQLite; the browser's part by itself; then what touches a database again on a real PostgreSQL. Tests of the
# exam server start databases of their own, of both kinds, in the first pass.
suite 4 "not soak and not browser"
suite 2 "browser and not soak"
echo "again on PostgreSQL"
JINBANG_DATABASE=$($bin/python tools/postgres.py start)
export JINBANG_DATABASE
suite 3 "not soak and not browser and not services" tests/judge/worker/test_real_site.py \
  --ignore=tests/delivery/test_{engine,uploads,workspace,durability,answer_log}.py \
  tests/{accounts,accreditation,audit,certificates,content,delivery,demo,documents,exams,grading,learning,walkthrough,web}
