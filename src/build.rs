//! Tells cargo that the policies and the demo tenant are part of the binary.

fn main() {
    println!("cargo::rerun-if-changed=policies");
    println!("cargo::rerun-if-changed=fixtures/tenants/contoso");
    println!("cargo::rerun-if-changed=src/build.rs");
}
