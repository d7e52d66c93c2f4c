//! The modules that the machine loads, and those that they need.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::VmError;

/// Loaded when the machine comes up, in this order. The first is one that soft-RoCE asks for by the name of what it computes.
pub(crate) const LOADED: [&str; 8] =
    ["crc32_generic", "rdma_rxe", "ib_uverbs", "ib_umad", "rdma_ucm", "veth", "dummy", "sch_netem"];

/// Carried, and loaded by whoever needs them (`modprobe`): the disk with the job, disks with reservations, and what
/// spoils only some packets.
pub(crate) const CARRIED: [&str; 8] = [
    "virtio_pci",
    "virtio_blk",
    "target_core_mod",
    "target_core_file",
    "tcm_loop",
    "sd_mod",
    "sch_prio",
    "cls_u32",
];

/// The module files of a kernel.
#[derive(Debug)]
pub(crate) struct Modules {
    files: BTreeMap<String, PathBuf>,
    /// What is not a file because the kernel has it.
    built_in: BTreeSet<String>,
    package: String,
}

impl Modules {
    /// Those below a folder `lib/modules/RELEASE`.
    pub(crate) fn of(folder: &Path, package: &str) -> Result<Self, VmError> {
        let mut files = BTreeMap::new();
        let mut folders = vec![folder.join("kernel")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(VmError::file(&folder))? {
                let path = entry.map_err(VmError::file(&folder))?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Some(name) = module_name(&path) {
                    files.insert(name, path);
                }
            }
        }
        let list = fs::read_to_string(folder.join("modules.builtin")).unwrap_or_default();
        let built_in = list.lines().filter_map(|line| module_name(Path::new(line))).collect();
        Ok(Self { files, built_in, package: package.into() })
    }

    /// Each module that `wanted` needs, itself included, with its file and those that have to be loaded before it.
    pub(crate) fn needed(
        &self,
        wanted: &[&str],
    ) -> Result<BTreeMap<String, (PathBuf, Vec<String>)>, VmError> {
        let mut needed = BTreeMap::new();
        let mut open: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        while let Some(name) = open.pop() {
            if self.built_in.contains(&name) || needed.contains_key(&name) {
                continue;
            }
            let path = self.files.get(&name).ok_or_else(|| VmError::MissingModule {
                module: name.clone(),
                package: self.package.clone(),
            })?;
            let before = dependencies(&fs::read(path).map_err(VmError::file(path))?);
            open.extend(before.iter().cloned());
            needed.insert(name, (path.clone(), before));
        }
        Ok(needed)
    }
}

/// `rdma_rxe` for `…/rdma_rxe.ko`. A hyphen in a file's name is an underscore to the kernel.
fn module_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    Some(name.strip_suffix(".ko")?.replace('-', "_"))
}

/// What the module's own description (`.modinfo`) says that it depends on.
fn dependencies(module: &[u8]) -> Vec<String> {
    const FIELD: &[u8] = b"\0depends=";
    let Some(start) = module.windows(FIELD.len()).position(|window| window == FIELD) else {
        return Vec::new();
    };
    let text: Vec<u8> =
        module.iter().skip(start + FIELD.len()).take_while(|byte| **byte != 0).copied().collect();
    let text = String::from_utf8_lossy(&text).replace('-', "_");
    text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The list of what depends on what, as `modprobe` reads it: each module with all that has to be loaded before it, the
/// last first.
pub(crate) fn modules_dep(needed: &BTreeMap<String, (PathBuf, Vec<String>)>) -> String {
    let mut lines = String::new();
    for name in needed.keys() {
        let mut order = Vec::new();
        visit(name, needed, &mut order);
        order.pop();
        let before: Vec<String> = order.iter().rev().map(|name| format!(" {name}.ko")).collect();
        lines.push_str(&format!("{name}.ko:{}\n", before.concat()));
    }
    lines
}

fn visit(name: &str, needed: &BTreeMap<String, (PathBuf, Vec<String>)>, order: &mut Vec<String>) {
    let Some((_, before)) = needed.get(name) else { return };
    for other in before {
        if !order.contains(other) {
            visit(other, needed, order);
        }
    }
    if !order.iter().any(|known| known == name) {
        order.push(name.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_dir::RunDir;

    /// A folder of modules, each with what it depends on.
    fn folder(modules: &[(&str, &str)]) -> RunDir {
        let dir = RunDir::new().unwrap();
        fs::create_dir_all(dir.file("kernel/drivers")).unwrap();
        fs::write(dir.file("modules.builtin"), "kernel/lib/built-in.ko\n").unwrap();
        for (name, depends) in modules {
            let content = format!("\u{7f}ELF license=GPL\0depends={depends}\0retpoline=Y\0");
            fs::write(dir.file(&format!("kernel/drivers/{name}.ko")), content).unwrap();
        }
        dir
    }

    #[test]
    fn what_a_module_needs_comes_with_it_and_before_it() {
        let dir = folder(&[("top", "mid-dle,built_in"), ("mid-dle", "base"), ("base", ""), ("other", "")]);
        let modules = Modules::of(dir.path(), "linux-image-test").unwrap();
        let needed = modules.needed(&["top"]).unwrap();
        assert_eq!(needed.keys().collect::<Vec<_>>(), ["base", "mid_dle", "top"]);
        let list = modules_dep(&needed);
        assert_eq!(list, "base.ko:\nmid_dle.ko: base.ko\ntop.ko: mid_dle.ko base.ko\n");
    }

    #[test]
    fn a_missing_module_is_named_with_its_package() {
        let dir = folder(&[("top", "rdma_rxe")]);
        let modules = Modules::of(dir.path(), "linux-image-cloud").unwrap();
        let error = modules.needed(&["top"]).unwrap_err().to_string();
        assert!(error.starts_with("linux-image-cloud has no module rdma_rxe: "), "{error}");
        assert_eq!(error.lines().count(), 1);
    }
}
