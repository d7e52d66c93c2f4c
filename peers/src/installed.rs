//! Where the peers' programs are, and which Debian package has them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::PeerError;

/// The programs of the peers with the Debian package of each.
pub const PACKAGES: &[(&str, &str)] = &[
    ("ibsim", "ibsim-utils"),
    ("opensm", "opensm"),
    ("saquery", "infiniband-diags"),
    ("smpquery", "infiniband-diags"),
    ("perfquery", "infiniband-diags"),
    ("sminfo", "infiniband-diags"),
    ("ibnetdiscover", "infiniband-diags"),
    ("tshark", "tshark"),
    ("ip", "iproute2"),
    ("nft", "nftables"),
];

/// The full path of a peer's program. Debian keeps OpenSM and the diags where only root's search path leads, so those
/// folders are searched too.
///
/// # Errors
/// [`PeerError::Missing`], which names the package.
pub fn locate(program: &'static str) -> Result<PathBuf, PeerError> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/bin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| PeerError::Missing { program, package: package_of(program) })
}

/// ibsim's library that, preloaded, gives a program written for umad devices the simulated fabric instead.
///
/// # Errors
/// [`PeerError::Missing`], which names the package.
pub fn umad_preload() -> Result<PathBuf, PeerError> {
    const LIBRARY: &str = "umad2sim/libumad2sim.so";
    // Debian: /usr/lib/<machine>-linux-gnu/umad2sim; from source: /usr/local/lib/umad2sim.
    let by_machine = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    by_machine
        .chain(["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from))
        .map(|folder| folder.join(LIBRARY))
        .find(|candidate| Path::is_file(candidate))
        .ok_or_else(|| PeerError::Missing { program: "libumad2sim.so", package: package_of("ibsim") })
}

fn package_of(program: &str) -> &'static str {
    PACKAGES.iter().find(|(name, _)| *name == program).map_or("(unknown)", |(_, package)| package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named_with_its_package() {
        let error = locate("ibsim-that-nobody-has").unwrap_err();
        assert!(error.to_string().starts_with("ibsim-that-nobody-has is not installed"));
        assert_eq!(package_of("saquery"), "infiniband-diags");
    }
}
