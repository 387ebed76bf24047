//! A client that is written from the document alone, and sells something with it.

use crate::Stage;
use crate::common::program::{python, run, target};
use std::fs;
use std::process::Command;
use tempfile::TempDir;

/// A program of the Python environment.
pub fn installed(name: &str) -> Command {
    let python = python();
    let bin = python.get_program().to_owned();
    let path = std::path::Path::new(&bin).with_file_name(name);
    assert!(path.exists(), "{} is missing: run make tools", path.display());
    Command::new(path)
}

#[test]
fn the_document_alone_is_enough_to_write_a_client() {
    let stage = Stage::set();
    let folder = TempDir::new_in(target()).expect("a temporary folder");
    let (document, client) = (folder.path().join("openapi.json"), folder.path().join("leasehold_client"));
    fs::write(&document, stage.get("/openapi.json").to_string()).expect("written");
    let mut generate = installed("openapi-python-client");
    generate.args(["generate", "--meta", "none", "--path"]).arg(&document).arg("--output-path").arg(&client);
    let made = run(&mut generate);
    assert_eq!(made.code, Some(0), "{}{}", made.stdout, made.stderr);
    let mut flow = python();
    flow.arg(crate::common::program::repository("fixtures/interop/client_flow.py")).arg(&client).arg(stage.url());
    let told = run(flow.env("LEASEHOLD_TOKEN", &stage.token)).ok();
    let expected = "whoami admin\n\
        create_account 201 201 True\n\
        create_account 409 name_taken\n\
        create_product 201\n\
        create_order 201 {'OBM': 100}\n\
        convert_lot 200 stock\n\
        create_pool 201\n\
        set_pool_quota 200 {'OBM': 30}\n\
        list_keys 200 ['a', 'b'] True\n\
        list_keys ['c'] False\n\
        delete_key 204\n\
        show_key 404 out_of_reach\n";
    assert_eq!(told, expected);
    let count = fs::read_dir(client.join("api")).expect("it was written").count();
    println!("count generated client: {count} modules from the document, 12 steps of a sale");
}
