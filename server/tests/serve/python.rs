//! R8: a console made of stock Python libraries, against the real server, from the root key alone.

use crate::Stage;
use crate::common::hex;
use crate::common::program::{Done, python, repository, run};
use crate::common::seed::PRODUCT;
use leasehold_protocol::time::DAY;

fn speak(stage: &Stage, root: &str, more: &[&str]) -> Done {
    let server = format!("http://{}", stage.server.device());
    let mut command = python();
    command.arg(repository("fixtures/interop/speak.py"));
    command.args(["--server", &server, "--root", root, "--product", PRODUCT, "--version", "9.1"]).args(more);
    run(&mut command)
}

#[test]
fn r8_a_console_written_with_pycose_lives_at_the_real_server() {
    let stage = Stage::set();
    let root = hex(&stage.server.root().0);
    let output = speak(&stage, &root, &["--key", &stage.seed.pool[0], "--checks", "3"]).ok();
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines[0], "keyset version 1 of demo.example");
    let (term, units) = (14 * DAY, "units {'OBM': 10}");
    assert_eq!(lines[1], format!("activate seq 1 seconds {term} {units}"));
    for (number, line) in lines[2..5].iter().enumerate() {
        assert_eq!(*line, format!("check seq {} seconds {term} {units}", number + 2));
    }
    assert!(lines[5].starts_with("release device ") && lines[6] == "done", "{output}");
    // The release was true: another device may have the key.
    let again = speak(&stage, &root, &["--key", &stage.seed.pool[0], "--checks", "0", "--keep"]).ok();
    assert!(again.ends_with("done\n"), "{again}");
    let third = speak(&stage, &root, &["--key", &stage.seed.pool[0]]);
    assert_eq!(third.code, Some(3), "{}", third.stderr);
    assert!(third.stdout.ends_with("refused 39\n"), "{}", third.stdout);
    println!(
        "count interop live server: pycose console, 1 activation, 3 checks, 1 release, 1 refusal, from the root key"
    );
}

#[test]
fn r8_a_stranger_with_another_root_key_believes_nothing() {
    let stage = Stage::set();
    let other = hex(&crate::common::device::Device::new("").public().0);
    let done = speak(&stage, &other, &["--key", &stage.seed.pool[0]]);
    assert_eq!(done.code, Some(1), "{}", done.stdout);
    assert_eq!(done.stdout, "");
}
