//! Asks the C compiler for the field numbers of libibmad, which are an enumeration in its header, and links the library.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const FIELDS: [&str; 31] = [
    "IB_MAD_BASEVER_F",
    "IB_MAD_MGMTCLASS_F",
    "IB_MAD_CLASSVER_F",
    "IB_MAD_RESPONSE_F",
    "IB_MAD_METHOD_F",
    "IB_MAD_ATTRID_F",
    "IB_MAD_TRID_F",
    "IB_SA_PR_DLID_F",
    "IB_SA_PR_SLID_F",
    "IB_SA_PR_SL_F",
    "IB_SA_PR_NPATH_F",
    "IB_SA_MCM_QKEY_F",
    "IB_SA_MCM_MLID_F",
    "IB_SA_MCM_MTU_F",
    "IB_SA_MCM_SL_F",
    "IB_NODE_TYPE_F",
    "IB_NODE_NPORTS_F",
    "IB_NODE_GUID_F",
    "IB_NODE_PORT_GUID_F",
    "IB_PORT_LID_F",
    "IB_PORT_SMLID_F",
    "IB_PORT_STATE_F",
    "IB_PORT_LMC_F",
    "IB_SW_LINEAR_FDB_CAP_F",
    "IB_SW_LINEAR_FDB_TOP_F",
    "IB_SW_DEF_PORT_F",
    "IB_SW_STATE_CHANGE_F",
    "IB_PC_ERR_SYM_F",
    "IB_PC_LINK_DOWNED_F",
    "IB_PC_XMT_BYTES_F",
    "IB_PC_RCV_BYTES_F",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CC");
    if env::var_os("CARGO_FEATURE_LIBIBMAD").is_none() {
        return;
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    match field_numbers(&out) {
        Ok(constants) => {
            fs::write(out.join("libibmad_fields.rs"), constants).expect("OUT_DIR is writable");
            println!("cargo::rustc-link-lib=ibmad");
        }
        // One line that cargo shows as it is, instead of a panic's backtrace.
        Err(Missing::Compiler) => {
            println!("cargo::error=no C compiler found: install one (apt-get install gcc), or set CC");
        }
        Err(Missing::Libibmad) => println!(
            "cargo::error=libibmad was not found: install it (apt-get install libibmad-dev), \
             or leave the comparison with it out (--no-default-features)"
        ),
    }
}

enum Missing {
    Compiler,
    Libibmad,
}

/// Compile, link and run a program that prints the numbers as Rust constants.
fn field_numbers(out: &Path) -> Result<String, Missing> {
    let mut source = String::from(
        "#include <stdint.h>\n#include <stdio.h>\n#include <infiniband/mad.h>\nint main(void) {\n\
         uint8_t mad[256] = {0};\n\
         if (mad_get_field(mad, 0, IB_MAD_METHOD_F) != 0) return 1;\n\
         printf(\"pub const SA_DATA_OFFSET: core::ffi::c_int = %d;\\n\", IB_SA_DATA_OFFS);\n\
         printf(\"pub const SMP_DATA_OFFSET: core::ffi::c_int = %d;\\n\", IB_SMP_DATA_OFFS);\n\
         printf(\"pub const PC_DATA_OFFSET: core::ffi::c_int = %d;\\n\", IB_PC_DATA_OFFS);\n",
    );
    for field in FIELDS {
        source += &format!("printf(\"pub const {field}: core::ffi::c_uint = %d;\\n\", {field});\n");
    }
    source += "return 0;\n}\n";
    let (program, file) = (out.join("libibmad_fields"), out.join("libibmad_fields.c"));
    fs::write(&file, source).expect("OUT_DIR is writable");
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    let compiled = Command::new(compiler).arg(&file).arg("-o").arg(&program).arg("-libmad").output();
    if !compiled.map_err(|_| Missing::Compiler)?.status.success() {
        return Err(Missing::Libibmad);
    }
    let printed = Command::new(&program).output().map_err(|_| Missing::Libibmad)?;
    if !printed.status.success() {
        return Err(Missing::Libibmad);
    }
    String::from_utf8(printed.stdout).map_err(|_| Missing::Libibmad)
}
