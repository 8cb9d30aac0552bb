#!/bin/sh
# Makes the secrets of docker-compose.yml that are missing, and says which one you must write.
# What a file says is never changed. The folder is closed to others; the files in it are not, because
# containers read them as users of their own.
set -eu
cd "$(dirname "$0")/.."
umask 077
mkdir -p secrets
chmod 700 secrets
for name in postgres_password secret_key address_key jwt_signing_key metrics_token \
    flower_password; do
    if [ ! -s "secrets/$name" ]; then
        # 48 random bytes, in letters that need no quoting anywhere.
        head -c 48 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n' >"secrets/$name"
        echo "secrets/$name made"
    fi
done
if [ ! -s secrets/webhook_secret ]; then
    printf 'challenge:%s' "$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')" \
        >secrets/webhook_secret
    echo "secrets/webhook_secret made"
fi
# Earlier secret keys, separated by commas; none yet.
touch secrets/secret_key_fallbacks
chmod 444 secrets/*
if [ ! -s secrets/email_url ]; then
    echo "Write the mail server into secrets/email_url, then: chmod 444 secrets/email_url"
    echo "    smtp+tls://user:password@host:587"
fi
