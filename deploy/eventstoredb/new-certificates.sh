#!/bin/sh
# Makes a certificate authority, and a certificate for each node of EventStoreDB. Keeps those that are valid for 30 days more.
# Usage: new-certificates.sh AUTHORITY CERTIFICATES HOST...
#   AUTHORITY      folder for ca.crt, which every node and client needs
#   CERTIFICATES   folder for ca.key, and a folder HOST with node.crt and node.key for each node
set -eu
umask 077
authority=$1 certificates=$2
shift 2
month=2592000

mkdir -p "$authority" "$certificates"
if ! openssl x509 -checkend "$month" -noout -in "$authority/ca.crt" 2>/dev/null; then
  openssl req -x509 -newkey rsa:3072 -nodes -days 3650 -subj '/CN=Authority of EventStoreDB' \
    -keyout "$certificates/ca.key" -out "$authority/ca.crt" 2>/dev/null
  # The certificates of the former authority are worthless.
  rm -f "$certificates"/*/node.crt
fi

for host; do
  node=$certificates/$host
  openssl x509 -checkend "$month" -noout -in "$node/node.crt" 2>/dev/null && continue
  mkdir -p "$node"
  case $host in
    *[!0-9.]*) name=DNS:$host ;;
    *) name=IP:$host ;;
  esac
  # Nodes accept each other by the common name. The loopback address is for health checks.
  openssl req -newkey rsa:3072 -nodes -subj /CN=eventstoredb-node -keyout "$node/node.key" -out "$node/node.csr" 2>/dev/null
  cat > "$node/extensions" <<EOF
subjectAltName=$name,DNS:localhost,IP:127.0.0.1
extendedKeyUsage=serverAuth,clientAuth
EOF
  openssl x509 -req -days 365 -in "$node/node.csr" -extfile "$node/extensions" \
    -CA "$authority/ca.crt" -CAkey "$certificates/ca.key" -set_serial "0x$(openssl rand -hex 16)" -out "$node/node.crt" 2>/dev/null
  rm "$node/node.csr" "$node/extensions"
  # Nodes run as this user in the image of EventStoreDB.
  [ "$(id -u)" != 0 ] || chown -R 1000 "$node"
  echo "Made the certificate of $host"
done
chmod 755 "$authority" "$certificates"
chmod 644 "$authority/ca.crt"
