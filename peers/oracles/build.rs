//! Compiles what `shim/` tells about the two libraries.

fn main() {
    println!("cargo::rerun-if-changed=shim");
    for (header, package) in [("mad.h", "libibmad-dev"), ("iba/ib_types.h", "libopensm-dev")] {
        let path = format!("/usr/include/infiniband/{header}");
        assert!(std::path::Path::new(&path).exists(), "{path} is missing: apt-get install {package}");
    }
    cc::Build::new()
        .files(["shim/libibmad.c", "shim/ib_types.c"])
        // ib_types.h includes its neighbours from here.
        .include("/usr/include/infiniband")
        .warnings(true)
        .extra_warnings(false)
        .compile("oracles");
    println!("cargo::rustc-link-lib=ibmad");
}
