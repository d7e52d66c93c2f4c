//! Prints which field of `ib-mad` is checked against which oracle.

fn main() {
    print!("{}", oracles::matrix::render(&oracles::matrix::rows()));
}
