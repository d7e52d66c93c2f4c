# Debian packages that the real peers need; read by ./demo and ./test.

# What the demo runs: the subnet manager, the simulated fabric and the tools that ask them.
demo_packages=(opensm ibsim-utils infiniband-diags)
# What the tests need besides: the reader of captures, and the headers and libraries of the oracles.
test_packages=("${demo_packages[@]}" tshark gcc libc6-dev libibmad-dev libibumad-dev libopensm-dev)

# install_packages PACKAGE...: install those that are missing, where that is allowed; otherwise say how.
install_packages() {
    # Elsewhere than on Debian nothing can be installed by these names; a program that is missing is named when it is run.
    command -v dpkg-query >/dev/null || return 0
    local package missing=()
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
        echo "Debian packages are missing: sudo apt-get update && sudo apt-get install ${missing[*]}" >&2
        return 1
    fi
    echo "Installing ${missing[*]}" >&2
    local wait=(-o DPkg::Lock::Timeout=300)
    # Of the downloads only the errors are worth reading.
    apt-get "${wait[@]}" update -qq >/dev/null &&
        DEBIAN_FRONTEND=noninteractive apt-get "${wait[@]}" install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
