//! Refuses a mistyped `--cfg threadbare_kqueue`: the suite would pass on the kernel that was
//! not meant. (What the source asks for is checked by the lint `unexpected_cfgs`.)

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for (name, _) in std::env::vars_os() {
        // Cargo names each cfg that is set, also those from RUSTFLAGS.
        let Some(name) = name.to_str().and_then(|it| it.strip_prefix("CARGO_CFG_"))
        else {
            continue;
        };
        let is_ours = name.starts_with("THREADBARE") || name.contains("KQUEUE");
        if is_ours && name != "THREADBARE_KQUEUE" {
            let name = name.to_lowercase();
            println!(
                "cargo::error=there is no cfg `{name}`; there is `threadbare_kqueue`"
            );
        }
    }
}
