#!/bin/sh
# Made by provost firewall, format aws-prefix-list: who may reach TCP port 5501.
# Source json: a list of your own; edition 363; SHA-256 of the document 04e49a6a2a3a773ff4c2c27c94a85f03b38db6932c7d2242a68ba739c43751cc
# 2 IPv4 and 1 IPv6 networks; SHA-256 of the list 16e4f15075d67a5b51d4016bd2e9d4138020e62ecfc0dc6a382db5d60b271578
set -eu
cd "$(dirname "$0")"

about() { aws ec2 describe-managed-prefix-lists --prefix-list-ids "$1" --query "PrefixLists[0].$2" --output text </dev/null; }
settled() {
  while :; do
    case $(about "$1" State) in
      *-complete) return ;;
      *-failed) echo "$1: $(about "$1" StateMessage)" >&2; exit 1 ;;
    esac
    sleep 1
  done
}
change() {
  aws ec2 modify-managed-prefix-list --prefix-list-id "$1" --current-version "$(about "$1" Version)" --cli-input-json file:///dev/stdin
  settled "$1"
}
grow() {
  [ "$(about "$1" MaxEntries)" -ge "$2" ] && return
  aws ec2 modify-managed-prefix-list --prefix-list-id "$1" --max-entries "$2" </dev/null
  settled "$1"
}
PREFIX_LIST_V4=$(aws ec2 create-managed-prefix-list --query PrefixList.PrefixListId --output text --cli-input-json file:///dev/stdin <<'JSON'
{
  "PrefixListName": "provost-v4",
  "AddressFamily": "IPv4",
  "MaxEntries": 10
}
JSON
)
settled "$PREFIX_LIST_V4"
change "$PREFIX_LIST_V4" <<'JSON'
{
  "AddEntries": [
    {
      "Cidr": "198.51.100.0/25"
    },
    {
      "Cidr": "203.0.113.7/32"
    }
  ]
}
JSON
PREFIX_LIST_V6=$(aws ec2 create-managed-prefix-list --query PrefixList.PrefixListId --output text --cli-input-json file:///dev/stdin <<'JSON'
{
  "PrefixListName": "provost-v6",
  "AddressFamily": "IPv6",
  "MaxEntries": 10
}
JSON
)
settled "$PREFIX_LIST_V6"
change "$PREFIX_LIST_V6" <<'JSON'
{
  "AddEntries": [
    {
      "Cidr": "2001:db8:1::/48"
    }
  ]
}
JSON
echo "PREFIX_LIST_V4=$PREFIX_LIST_V4 PREFIX_LIST_V6=$PREFIX_LIST_V6"

cp networks.txt applied.txt
