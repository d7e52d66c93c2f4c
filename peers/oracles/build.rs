//! Compiles what `shim/` tells about the headers of others.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=shim");
    for (header, package) in
        [("mad.h", "libibmad-dev"), ("umad_cm.h", "libibumad-dev"), ("iba/ib_types.h", "libopensm-dev")]
    {
        let path = format!("/usr/include/infiniband/{header}");
        assert!(Path::new(&path).exists(), "{path} is missing: apt-get install {package}");
    }
    let umad = "/usr/include/rdma/ib_user_mad.h";
    assert!(Path::new(umad).exists(), "{umad} is missing: apt-get install linux-libc-dev");
    cc::Build::new()
        .files(["shim/libibmad.c", "shim/ib_types.c", "shim/cm_codes.c", "shim/umad.c"])
        // ib_types.h includes its neighbours from here.
        .include("/usr/include/infiniband")
        .warnings(true)
        .extra_warnings(false)
        .compile("oracles");
    println!("cargo::rustc-link-lib=ibmad");
    cc::Build::new().file("shim/linux_cm.c").include(linux()).warnings(true).compile("oracle_linux");
}

/// A folder with the two headers of the newest kernel whose headers are installed, and with empty ones in the place of those
/// that they include: the rest of the kernel's folder would hide the C library's.
fn linux() -> PathBuf {
    const HEADER: &str = "include/rdma/ibta_vol1_c12.h";
    let installed = fs::read_dir("/usr/src").into_iter().flatten().flatten().map(|entry| entry.path());
    let newest = installed.filter(|path| path.join(HEADER).exists()).max();
    let newest = newest.unwrap_or_else(|| {
        panic!("/usr/src has no linux-headers-*/{HEADER}: apt-get install the package linux-headers-*-common")
    });
    println!("cargo::rerun-if-changed={}", newest.join(HEADER).display());
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("linux");
    for file in [
        "rdma/iba.h",
        "rdma/ibta_vol1_c12.h",
        "linux/kernel.h",
        "linux/bitfield.h",
        "linux/unaligned.h",
        "asm/unaligned.h",
    ] {
        let content = if file.starts_with("rdma/") {
            let path = newest.join("include").join(file);
            fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        } else {
            Vec::new()
        };
        let place = folder.join(file);
        fs::create_dir_all(place.parent().expect("it has a folder")).expect("cargo's folder can be written");
        fs::write(&place, content).expect("cargo's folder can be written");
    }
    folder
}
