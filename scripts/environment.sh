#!/bin/sh
# Makes the environment in the folder given, from requirements.lock: `scripts/environment.sh .venv`.
#
# Of the Pythons on the machine the distribution's own comes first: it is built with profile-guided optimisation,
# which version managers leave out, and the same run takes three quarters of the time. PYTHON names another.
set -eu
venv=$1

for python in ${PYTHON:-/usr/bin/python3 python3}; do
    # Debian has `ensurepip` in a package of its own (python3-venv).
    if "$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        "$python" -m venv --clear "$venv"
        exec "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
            --require-hashes -r requirements.lock
    fi
done
echo "no Python 3.11 or newer with venv among: ${PYTHON:-/usr/bin/python3 python3}" >&2
exit 1
