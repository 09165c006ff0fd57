#!/usr/bin/env bash
# Everything that is checked without running the product. Stops at the first kind of finding, prints all of that kind.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
JINBANG_DATA=$(mktemp -d "${TMPDIR:-/tmp}/jinbang-check-XXXXXX")  # the migration check must not meet tables of an older tree
trap 'rm -rf "$JINBANG_DATA"' EXIT
export PYTHONPATH=src JINBANG_DATA DJANGO_SETTINGS_MODULE=jinbang.config.settings
run() {
  local begun=$SECONDS
  if ! "${@:2}"; then echo "check failed: $1" >&2; exit 1; fi
  echo "  $1: fine ($((SECONDS - begun)) s)"
}
strict=(src/jinbang/core src/jinbang/judge src/jinbang/pdf)
for domain in src/jinbang/*/domain; do strict+=("$domain"); done
run "ruff" $bin/ruff check -q src tests tools
run "format" $bin/ruff format --check -q src tests tools
run "house rules" $bin/python tools/house_rules.py
run "layers" $bin/lint-imports --no-logo --show-timings
run "migrations" $bin/python -m django makemigrations --check --dry-run
run "messages" $bin/python tools/messages.py --check
run "types" $bin/mypy --no-error-summary "${strict[@]}"
