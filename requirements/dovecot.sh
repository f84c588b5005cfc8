#!/bin/sh
# The tests fetch mail from a real IMAP server, Debian's Dovecot, which they start by themselves on
# loopback; installed here when we may, and never left running as a service.
set -eu
[ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/imap ] && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing for the mail tests: dovecot-imapd"
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y dovecot-imapd >/dev/null 2>&1
    if [ -d /run/systemd/system ]; then
        systemctl disable --now dovecot.service dovecot.socket >/dev/null 2>&1 || true
    fi
    exit 0
fi
echo "The mail tests need an IMAP server. As root: apt install --no-install-recommends dovecot-imapd" >&2
exit 1
