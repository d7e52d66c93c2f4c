//! Prints which field of `ib-mad` is checked against which oracle, and where tshark deviates.

fn main() {
    print!("{}", oracles::matrix::render(&oracles::matrix::rows()));
    print!("\ntshark shows these otherwise than they are:\n{}", oracles::matrix::render_deviations());
}
