#!/bin/sh
# The journeys run in Debian's Chromium with its fonts; installed here when we may.
set -eu
packages="chromium fonts-dejavu-core fonts-noto-core fonts-noto-color-emoji"
missing=
for package in $packages; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing for the browser tests:$missing"
    # A list that is a few weeks old names packages the mirror no longer has.
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y $missing >/dev/null
    exit 0
fi
[ -x /usr/bin/chromium ] && exit 0
echo "The browser tests need Chromium and fonts. As root: apt install$missing" >&2
exit 1
