#!/bin/sh
# Made by provost firewall, format ufw: who may reach TCP port 5501.
# Source json: a list of your own; edition 363; SHA-256 of the document 04e49a6a2a3a773ff4c2c27c94a85f03b38db6932c7d2242a68ba739c43751cc
# 2 IPv4 and 1 IPv6 networks; SHA-256 of the list 16e4f15075d67a5b51d4016bd2e9d4138020e62ecfc0dc6a382db5d60b271578
set -eu
cd "$(dirname "$0")"

# UFW='ufw --dry-run' tries without changing anything.
ufw=${UFW:-ufw}
$ufw prepend reject proto tcp from any to any port 5501 comment 'provost'
$ufw prepend allow proto tcp from 198.51.100.0/25 to any port 5501 comment 'provost'
$ufw prepend allow proto tcp from 203.0.113.7/32 to any port 5501 comment 'provost'
$ufw prepend allow proto tcp from 2001:db8:1::/48 to any port 5501 comment 'provost'
[ "$ufw" = ufw ] || exit 0

cp networks.txt applied.txt
