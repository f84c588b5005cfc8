#!/bin/sh
# The journeys run in Debian's Chromium with its fonts; installed here when we may. Its headless
# build does the same in half the processor time, and is used where it can be had.
set -eu
packages="chromium fonts-dejavu-core fonts-noto-core fonts-noto-color-emoji"
lighter="chromium-headless-shell"
missing=
for package in $packages; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
installs() { command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; }
get() { DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y "$@" >/dev/null; }
if [ -n "$missing" ]; then
    if installs; then
        echo "Installing for the browser tests:$missing"
        # A list that is a few weeks old names packages the mirror no longer has.
        apt-get -qq update
        # shellcheck disable=SC2086
        get $missing
    elif [ ! -x /usr/bin/chromium ]; then
        echo "The browser tests need Chromium and fonts. As root: apt install$missing" >&2
        exit 1
    fi
fi
# Another version than Chromium's own would bring its own bugs: from the same list or not at all.
if installs && ! dpkg -s "$lighter" >/dev/null 2>&1; then
    version=$(dpkg-query -W -f '${Version}' chromium)
    get "$lighter=$version" 2>/dev/null || echo "No $lighter $version here: Chromium itself serves."
fi
