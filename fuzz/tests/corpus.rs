//! Every file of the corpus through its body, on stable. A file that once was a counterexample stays there for ever.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use bodies::BODIES;

/// The corpus is read by people who clone the repository: it stays small.
const LARGEST_FILE: usize = 4096;
const LARGEST_CORPUS: usize = 1 << 20;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Names in a folder, without their extension, in order.
fn names(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<_> = entries.map(|entry| stem(entry.unwrap().path())).collect();
    names.sort();
    names
}

#[test]
fn every_body_keeps_what_the_fuzzer_found() {
    let mut files = 0;
    let mut total = 0;
    for body in BODIES {
        let corpus = folder("corpus").join(body.name);
        for name in names(&corpus) {
            let data = fs::read(corpus.join(&name)).unwrap();
            assert!(data.len() <= LARGEST_FILE, "corpus/{}/{name} is too large", body.name);
            assert!(
                catch_unwind(|| (body.run)(&data)).is_ok(),
                "corpus/{}/{name} is a counterexample",
                body.name
            );
            files += 1;
            total += data.len();
        }
    }
    assert!(total <= LARGEST_CORPUS, "{total} bytes");
    println!("{files} inputs through {} bodies", BODIES.len());
}

#[test]
fn every_body_has_a_target_and_a_corpus() {
    let mut bodies: Vec<_> = BODIES.iter().map(|body| body.name.to_owned()).collect();
    bodies.sort();
    assert_eq!(names(&folder("targets")), bodies);
    assert_eq!(names(&folder("corpus")), bodies);
    let manifest = fs::read_to_string(folder("Cargo.toml")).unwrap();
    for body in BODIES {
        assert!(manifest.contains(&format!("name = \"{}\"\npath = \"targets/{0}.rs\"", body.name)));
        assert!(!names(&folder("corpus").join(body.name)).is_empty(), "corpus/{} is empty", body.name);
    }
}
