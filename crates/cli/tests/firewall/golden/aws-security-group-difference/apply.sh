#!/bin/sh
# Made by provost firewall, format aws-security-group: who may reach TCP port 5501.
# Source json: a list of your own; edition 363; SHA-256 of the document 04e49a6a2a3a773ff4c2c27c94a85f03b38db6932c7d2242a68ba739c43751cc
# 2 IPv4 and 1 IPv6 networks; SHA-256 of the list 16e4f15075d67a5b51d4016bd2e9d4138020e62ecfc0dc6a382db5d60b271578
# Since the last list: 1 added, 1 removed.
set -eu
cd "$(dirname "$0")"

: "${GROUP_ID:?set GROUP_ID to the id of the security group, sg-...}"
aws ec2 authorize-security-group-ingress --group-id "$GROUP_ID" --cli-input-json file:///dev/stdin <<'JSON'
{
  "IpPermissions": [
    {
      "IpProtocol": "tcp",
      "FromPort": 5501,
      "ToPort": 5501,
      "IpRanges": [
        {
          "CidrIp": "203.0.113.7/32",
          "Description": "provost"
        }
      ],
      "Ipv6Ranges": []
    }
  ]
}
JSON
aws ec2 revoke-security-group-ingress --group-id "$GROUP_ID" --cli-input-json file:///dev/stdin <<'JSON'
{
  "IpPermissions": [
    {
      "IpProtocol": "tcp",
      "FromPort": 5501,
      "ToPort": 5501,
      "IpRanges": [
        {
          "CidrIp": "192.0.2.128/25"
        }
      ],
      "Ipv6Ranges": []
    }
  ]
}
JSON

cp networks.txt applied.txt
