# The cable between the ports: addresses, neighbours and routes. Whoever has taken a link down runs it again (sh /machine/cable.sh):
# neighbours and routes go with the link.
ip=$(which ip)
for end in 0 1; do
    $ip link set veth$end up
    $ip address replace 10.77.0.$((end + 1))/24 dev veth$end
    $ip address replace 10.77.0.1$((end + 1))/24 dev veth$end
    $ip -6 address replace fd77::$((end + 1))/64 dev veth$end nodad
done
for end in 0 1; do
    far=$((2 - end))
    mac=02:77:00:00:00:0$far
    for address in 10.77.0.$far 10.77.0.1$far fd77::$far; do
        $ip neighbour replace $address lladdr $mac dev veth$end nud permanent
        case $address in
        *:*) $ip -6 route replace $address/128 dev veth$end table 100 ;;
        *) $ip route replace $address/32 dev veth$end table 100 ;;
        esac
    done
done
