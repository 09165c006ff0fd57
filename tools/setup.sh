#!/usr/bin/env bash
# setup.sh PYTHON VENV base|dev — makes the virtual environment and installs the hashed lock into it.
# Honours whatever package index pip is set to; asks for nothing else.
set -euo pipefail
python=$1 venv=$2 part=$3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "jinbang needs Python 3.11 or newer; $("$python" --version) was found. Try: make PYTHON=/path/to/python3.11 …" >&2
  exit 1
}
[ -x "$venv/bin/pip" ] || "$python" -m venv "$venv"
echo "installing requirements/$part.txt …"
"$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "requirements/$part.txt"
# The package itself goes in by path file: no build step, so no build dependency to fetch.
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' "$PWD/src" > "$site/jinbang.pth"
cat > "$venv/bin/jinbang" <<LAUNCHER
#!$PWD/$venv/bin/python
import sys
from jinbang.cli.main import main
sys.exit(main())
LAUNCHER
chmod +x "$venv/bin/jinbang"
touch "$venv/.installed-$part"
[ "$part" = dev ] && touch "$venv/.installed-base"
exit 0
