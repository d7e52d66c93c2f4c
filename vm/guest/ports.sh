# Two soft-RoCE ports, rxe0 and rxe1, on the two ends of a virtual cable. Sourced by init; the full path of ip, since
# the shell has one of its own.
#
#   rxe0 on veth0   10.77.0.1  10.77.0.11  fd77::1        rxe1 on veth1   10.77.0.2  10.77.0.12  fd77::2
#
# Both ends are in one network namespace (rxe of this kernel works in no other one), so that the kernel has to be told that packets between
# its own addresses go over the cable and are welcome.

for module in $(cat /machine/modules); do
    modprobe "$module" || refuse "the kernel does not load its module $module"
done
mkdir -p /sys/kernel/config
mount -t configfs configfs /sys/kernel/config

ip=$(which ip)
$ip link set lo up
$ip link add veth0 address 02:77:00:00:00:01 mtu 4200 type veth peer name veth1 address 02:77:00:00:00:02 mtu 4200 ||
    refuse "no pair of virtual Ethernet devices"
for name in all default veth0 veth1; do
    # Addresses are there at once, and stay when a link goes down.
    echo 0 >/proc/sys/net/ipv6/conf/$name/accept_dad
    echo 1 >/proc/sys/net/ipv6/conf/$name/keep_addr_on_down
    echo 1 >/proc/sys/net/ipv4/conf/$name/accept_local
    echo 0 >/proc/sys/net/ipv4/conf/$name/rp_filter
done
# The local addresses come after the routes to them over the cable, but before them for what came over the cable.
for family in -4 -6; do
    for end in 0 1; do
        $ip $family rule add preference $((end + 1)) iif veth$end lookup local
    done
    $ip $family rule add preference 100 lookup local
    $ip $family rule del preference 0 lookup local
done
$ip -4 rule add preference 10 to 10.77.0.0/24 lookup 100
$ip -6 rule add preference 10 to fd77::/64 lookup 100

. /machine/cable.sh

for end in 0 1; do
    rdma link add rxe$end type rxe netdev veth$end || refuse "no soft-RoCE port on veth$end"
done
for end in 0 1; do
    state=/sys/class/infiniband/rxe$end/ports/1/state
    turns=0
    until grep -q '^4: ACTIVE' $state; do
        turns=$((turns + 1))
        [ $turns -lt 400 ] || refuse "rxe$end does not become active: $(cat $state)"
        usleep 25000
    done
done
