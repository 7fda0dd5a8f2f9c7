#!/bin/sh
# Made by provost firewall, format ipset-iptables: who may reach TCP port 5501.
# Source json: a list of your own; edition 363; SHA-256 of the document 04e49a6a2a3a773ff4c2c27c94a85f03b38db6932c7d2242a68ba739c43751cc
# 2 IPv4 and 1 IPv6 networks; SHA-256 of the list 16e4f15075d67a5b51d4016bd2e9d4138020e62ecfc0dc6a382db5d60b271578
set -eu
cd "$(dirname "$0")"

ipset restore -exist < provost.ipset
iptables-restore -w --noflush < provost.iptables
iptables -w -C INPUT -p tcp --dport 5501 -j provost 2>/dev/null || iptables -w -I INPUT -p tcp --dport 5501 -j provost
ip6tables-restore -w --noflush < provost.ip6tables
ip6tables -w -C INPUT -p tcp --dport 5501 -j provost 2>/dev/null || ip6tables -w -I INPUT -p tcp --dport 5501 -j provost

cp networks.txt applied.txt
