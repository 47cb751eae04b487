#!/bin/sh
# Boots the systemd of a folder in the namespaces that this was started in. On a host with both versions of cgroups the guest
# gets both, as such a host's own systemd would.
set -e
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
else
	mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
	cd "$root/sys/fs/cgroup"
	mkdir systemd memory unified
	mount -t cgroup -o none,name=systemd,xattr cgroup systemd
	mount -t cgroup -o memory cgroup memory
	mount -t cgroup2 cgroup2 unified
fi
cd "$root"
mkdir -p host
pivot_root . host
umount -l /host
# As systemd-nspawn does for it: the mount that hands over credentials is made aside and must arrive here.
mount --make-rshared /
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=multi-user.target
