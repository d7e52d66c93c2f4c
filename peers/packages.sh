# Debian packages that the real peers need; read by ./demo and ./test.

# What the demo runs: the subnet manager, the simulated fabric and the tools that ask them.
demo_packages=(opensm ibsim-utils infiniband-diags)
# What the tests need besides: the reader of captures, what makes and spoils networks, and the headers and libraries of the oracles.
test_packages=("${demo_packages[@]}" iproute2 nftables tshark gcc libc6-dev libibmad-dev libibumad-dev libopensm-dev linux-headers-common)
# What the machine of vm/ is made of; its kernel is downloaded, and not installed.
test_packages+=(qemu-system-x86 busybox-static ibverbs-providers perftest xz-utils cpio)
# What the binding of the verbs transport is built with.
test_packages+=(cmake make libclang-dev)

# is_installed PACKAGE. linux-headers-common stands for the common headers of any kernel.
is_installed() {
    case $1 in
        linux-headers-common) compgen -G '/usr/src/linux-headers-*/include/rdma/ibta_vol1_c12.h' >/dev/null ;;
        *) [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]] ;;
    esac
}

# package_name PACKAGE: as apt-get knows it. The package of the common headers has the kernel's version in its name.
package_name() {
    case $1 in
        linux-headers-common)
            apt-cache depends --recurse --no-recommends --no-suggests "linux-headers-$(dpkg --print-architecture)" |
                grep '^linux-headers-.*-common$' | tail -n 1
            ;;
        *) echo "$1" ;;
    esac
}

# install_packages PACKAGE...: install those that are missing, where that is allowed; otherwise say how.
install_packages() {
    # Elsewhere than on Debian nothing can be installed by these names; a program that is missing is named when it is run.
    command -v dpkg-query >/dev/null || return 0
    local package missing=() names=()
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
        echo "Debian packages are missing: sudo apt-get update && sudo apt-get install ${missing[*]/#linux-headers-common/linux-headers-*-common}" >&2
        return 1
    fi
    echo "Installing ${missing[*]}" >&2
    local wait=(-o DPkg::Lock::Timeout=300)
    # Of the downloads only the errors are worth reading.
    apt-get "${wait[@]}" update -qq >/dev/null || return 1
    for package in "${missing[@]}"; do
        names+=("$(package_name "$package")")
    done
    DEBIAN_FRONTEND=noninteractive apt-get "${wait[@]}" install -y -qq --no-install-recommends "${names[@]}" >/dev/null
}
