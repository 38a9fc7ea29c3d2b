#!/bin/sh
# A private machine for the tutorial's examples, which say `http://pushgateway:9091` and
# write to /backup. Run it in namespaces of its own: unshare --net --mount enter.sh FOLDER
#
# FOLDER becomes the root of a file system that shows this machine's, except that
# `pushgateway` resolves to 127.0.0.1 (of a network that is empty but for it) and that the
# examples' own directories are there, empty. Says "ready", and stays until standard input
# ends; the tests enter through /proc. Nothing outside is changed.
set -eu
root=$1

ip link set lo up
mount -t tmpfs sandbox "$root"
for path in /*; do
    if [ -L "$path" ]; then
        cp -P "$path" "$root$path"
    elif [ -d "$path" ]; then
        mkdir "$root$path"
        mount --rbind "$path" "$root$path"
    fi
done

printf '127.0.0.1 localhost pushgateway\n' > "$root/hosts"
mount --bind "$root/hosts" "$root/etc/hosts"

# /var/lib/prometheus: where Debian's build of the original keeps its data by default.
for own in /backup /data /pushgateway /var/lib/prometheus; do
    [ "$own" = /var/lib/prometheus ] && [ ! -d "$own" ] && continue
    mkdir -p "$root$own"
    mount -t tmpfs sandbox "$root$own"
done

echo ready
exec chroot "$root" cat
