//! `leasehold demo`.

use crate::common::program::{leasehold, run};
use tempfile::TempDir;

/// What the demonstration promises to prove; each line must be in its output.
const CLAIMS: [&str; 8] = [
    "proved: the lease is valid for exactly 14 days",
    "proved: quota change: the next lease carries 6 ACB + 6 OBM",
    "proved: not one unit is free while the old lease carries it",
    "proved: the second device is refused: key_on_other_device",
    "proved: after release the units are back in the pool's key",
    "proved: uploaded twice, the licence file is the same byte for byte",
    "proved: 40 + 40 are left",
    "rows of the store keep every invariant",
];

#[test]
fn demo_check_proves_the_main_job_and_leaves_nothing_behind() {
    let temporary = TempDir::new().expect("a temporary folder");
    let done = run(leasehold().env("TMPDIR", temporary.path()).args(["demo", "--check"]));
    let output = done.ok();
    for claim in CLAIMS {
        assert!(output.contains(claim), "{claim:?} is not in\n{output}");
    }
    assert!(!output.contains("WRONG"), "{output}");
    let proved = output.lines().last().unwrap_or_default();
    assert!(proved.ends_with(" claims proved"), "{output}");
    let left = std::fs::read_dir(temporary.path()).expect("the folder is there").count();
    assert_eq!(left, 0, "it leaves its folder behind");
    println!("count demo: {proved}");
}

#[test]
fn a_scenario_that_is_not_there_is_refused_with_those_that_are() {
    let done = run(leasehold().args(["demo", "--check", "--scenario", "nonesuch"]));
    let [what, hint] = done.error(2);
    assert!(what.contains("nonesuch") && hint.contains("ahsay-case-study"), "{what}\n{hint}");
}

#[test]
fn a_folder_that_is_no_demonstration_is_never_removed() {
    let folder = TempDir::new().expect("a temporary folder");
    let precious = folder.path().join("precious");
    std::fs::write(&precious, "kept").expect("written");
    let data = folder.path().display().to_string();
    let done = run(leasehold().args(["demo", "--fresh", "--data", &data]));
    let [what, _] = done.error(2);
    assert!(what.contains("holds no demonstration"), "{what}");
    assert!(precious.exists());
}

/// Each script plays against a server of its own, over its ports alone.
#[test]
fn every_script_plays_to_its_end_over_the_public_api() {
    let temporary = TempDir::new().expect("a temporary folder");
    for (name, _) in leasehold::demo::script::BUILT_IN {
        let done = run(leasehold().env("TMPDIR", temporary.path()).args(["demo", "--check", "--scenario", name]));
        let output = done.ok();
        assert!(!output.contains("WRONG"), "{name}: {output}");
        let proved = output.lines().last().unwrap_or_default();
        assert!(proved.ends_with(" claims proved"), "{name}: {output}");
        println!("count scenario {name}: {proved}");
    }
}

#[test]
fn a_script_of_ones_own_is_played_and_stops_at_the_step_that_goes_wrong() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("own.toml");
    let text =
        "about = \"mine\"\n[[step]]\nsay = \"a look\"\ncall = \"GET /whoami\"\nexpect = { \"/role\" = \"viewer\" }\n";
    std::fs::write(&path, text).expect("written");
    let mut demo = leasehold();
    demo.env("TMPDIR", folder.path()).args(["demo", "--check", "--scenario"]).arg(&path);
    let done = run(&mut demo);
    let [what, _] = done.error(1);
    assert!(what.contains("step 1"), "{what}");
}
