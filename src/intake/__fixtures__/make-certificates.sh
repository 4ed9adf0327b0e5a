#!/bin/sh
# Makes the certificates that the SNS tests use: a root, an authority below it, and leaves.
set -e
days=36500
openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days $days -subj "/CN=Test Root" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" 2>/dev/null
issue() { # name subject issuer extensions
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2" 2>/dev/null
  printf '%s\n' "$4" > ext.cnf
  openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" -CAcreateserial -days $days -extfile ext.cnf -out "$1.pem" 2>/dev/null
}
issue authority "/CN=Test Authority" root "basicConstraints=critical,CA:TRUE"
issue leaf "/CN=sns.amazonaws.com" authority "basicConstraints=critical,CA:FALSE
authorityInfoAccess=caIssuers;URI:http://crt.test.amazontrust.com/authority.cer"
issue stranger "/CN=www.example.com" authority "basicConstraints=critical,CA:FALSE"
issue below-leaf "/CN=sns.amazonaws.com" leaf "basicConstraints=critical,CA:FALSE"
openssl req -x509 -newkey rsa:2048 -nodes -keyout self.key -out self.pem -days $days -subj "/CN=sns.amazonaws.com" 2>/dev/null
rm -f ./*.csr ext.cnf root.key authority.key ./*.srl
