#!/bin/sh
# The password goes through a file on tmpfs, not through the arguments, which every process may read.
set -eu
umask 077
cat /etc/stewardgate/redis.conf >/tmp/redis.conf
printf 'requirepass %s\n' "$(cat /run/secrets/redis_password)" >>/tmp/redis.conf
exec redis-server /tmp/redis.conf
