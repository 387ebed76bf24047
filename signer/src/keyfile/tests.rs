use super::*;
use crate::disk::RealDisk;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Output, Stdio};

const PASSPHRASE: &[u8] = b"correct horse";

fn key() -> SigningKey {
    generate(&[42; 32])
}

fn seal() -> Seal<'static> {
    Seal { passphrase: PASSPHRASE, random: [9; 32], cost: Cost::TRIFLING }
}

fn openssl(args: &[&str], folder: &Path) -> Output {
    let output = Command::new("openssl").args(args).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.expect("these tests need the openssl program: install it");
    assert!(output.status.success(), "openssl {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("own file");
}

#[test]
fn a_key_reads_back_plain_and_sealed() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (name, seal) in [("plain", None), ("sealed", Some(seal()))] {
        let path = folder.path().join(name);
        write(&mut RealDisk, &path, &key(), seal.as_ref()).expect("new file");
        assert_eq!(read(&path, Some(PASSPHRASE)).expect("readable").to_bytes(), key().to_bytes());
        assert_eq!(path.metadata().expect("there").mode() & 0o777, 0o600);
        assert_eq!(read_public(&public_path(&path)).expect("readable"), PublicKey::of(&key()));
    }
}

#[test]
fn openssl_reads_our_keys_plain_and_at_the_full_cost() {
    let folder = tempfile::tempdir().expect("temporary folder");
    write(&mut RealDisk, &folder.path().join("plain"), &key(), None).expect("new file");
    let full = Seal { cost: Cost::STANDARD, ..seal() };
    write(&mut RealDisk, &folder.path().join("sealed"), &key(), Some(&full)).expect("new file");
    let ours = public_to_pem(&PublicKey::of(&key()));
    let cases: [&[&str]; 3] = [
        &["pkey", "-in", "plain", "-pubout"],
        &["pkey", "-in", "sealed", "-passin", "pass:correct horse", "-pubout"],
        &["pkey", "-pubin", "-in", "plain.pub", "-pubout"],
    ];
    for args in cases {
        assert_eq!(String::from_utf8_lossy(&openssl(args, folder.path()).stdout), ours, "{args:?}");
    }
}

#[test]
fn keys_made_by_openssl_are_accepted_plain_and_encrypted() {
    let folder = tempfile::tempdir().expect("temporary folder");
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", "plain"], folder.path());
    let encrypt = ["pkcs8", "-topk8", "-in", "plain", "-out", "pbkdf2", "-passout", "pass:correct horse"];
    openssl(&encrypt, folder.path());
    let encrypt = ["pkcs8", "-topk8", "-scrypt", "-in", "plain", "-out", "scrypt", "-passout", "pass:correct horse"];
    openssl(&encrypt, folder.path());
    openssl(&["pkey", "-in", "plain", "-pubout", "-out", "public"], folder.path());
    let public = read_public(&folder.path().join("public")).expect("readable");
    for name in ["plain", "pbkdf2", "scrypt"] {
        let path = folder.path().join(name);
        chmod(&path, 0o600);
        let key = read(&path, Some(PASSPHRASE)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(PublicKey::of(&key), public, "{name}");
    }
}

#[test]
fn a_sealed_key_wants_its_passphrase() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("key");
    write(&mut RealDisk, &path, &key(), Some(&seal())).expect("new file");
    assert!(matches!(read(&path, None), Err(KeyFileError::PassphraseNeeded(_))));
    assert!(matches!(read(&path, Some(b"wrong")), Err(KeyFileError::Passphrase(_))));
}

#[test]
fn links_loose_modes_folders_and_long_files_are_refused() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("key");
    write(&mut RealDisk, &path, &key(), None).expect("new file");
    let link = folder.path().join("link");
    symlink(&path, &link).expect("link");
    assert!(matches!(read(&link, None), Err(KeyFileError::Link(_))));
    for mode in [0o640, 0o604, 0o620, 0o700, 0o4600] {
        chmod(&path, mode);
        assert!(matches!(read(&path, None), Err(KeyFileError::Mode { mode: found, .. }) if found == mode));
    }
    chmod(&path, 0o400);
    read(&path, None).expect("stricter than needed is fine");
    assert!(matches!(read(folder.path(), None), Err(KeyFileError::NotAFile(_))));
    let long = folder.path().join("long");
    std::fs::write(&long, vec![b'a'; KEY_FILE_LEN_MAX as usize + 1]).expect("new file");
    chmod(&long, 0o600);
    assert!(matches!(read(&long, None), Err(KeyFileError::TooLarge { .. })));
    assert!(matches!(read_public(&long), Err(KeyFileError::TooLarge { .. })));
}

#[test]
fn a_key_is_never_written_over_another_file() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("key");
    write(&mut RealDisk, &path, &key(), None).expect("new file");
    let again = write(&mut RealDisk, &path, &generate(&[1; 32]), None);
    assert!(matches!(again, Err(KeyFileError::Exists(_))));
    assert_eq!(read(&path, None).expect("readable").to_bytes(), key().to_bytes());
    std::fs::remove_file(&path).expect("own file");
    let again = write(&mut RealDisk, &path, &generate(&[1; 32]), None);
    assert!(matches!(again, Err(KeyFileError::Exists(taken)) if taken == public_path(&path)));
    assert!(!path.exists());
}

#[test]
fn other_pem_files_are_not_keys() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("key");
    openssl(&["genpkey", "-algorithm", "x25519", "-out", "key"], folder.path());
    chmod(&path, 0o600);
    assert!(matches!(read(&path, None), Err(KeyFileError::NotAKey { .. })));
    std::fs::write(&path, public_to_pem(&PublicKey::of(&key()))).expect("own file");
    assert!(matches!(read(&path, None), Err(KeyFileError::NotAKey { .. })));
    assert!(public_from_pem(&public_to_pem(&PublicKey([0; 32]))).is_err(), "weak key");
}

#[test]
fn a_seal_that_asks_for_endless_work_or_memory_is_refused_before_it_is_tried() {
    // Reproduced: 2^40 blocks of scrypt ended the program, which could not have that much memory.
    use pkcs8::der::{EncodePem, asn1::OctetStringRef};
    use pkcs8::pkcs5::{EncryptionScheme, pbes2::Parameters, scrypt};
    let folder = tempfile::tempdir().expect("temporary folder");
    let sealed = |parameters: Parameters| {
        let data = OctetStringRef::new(&[7; 48]).expect("short");
        let info = pkcs8::EncryptedPrivateKeyInfoRef {
            encryption_algorithm: EncryptionScheme::from(parameters),
            encrypted_data: data,
        };
        let path = folder.path().join("sealed");
        std::fs::write(&path, info.to_pem(pkcs8::LineEnding::LF).expect("encodes")).expect("written");
        chmod(&path, 0o600);
        read(&path, Some(PASSPHRASE)).expect_err("no key").to_string()
    };
    let scrypt = |log_n, p| {
        let params = scrypt::Params::new(log_n, 8, p).expect("possible");
        sealed(Parameters::generate_scrypt_aes256cbc(params, &[1; 16], [2; 16]).expect("encodes"))
    };
    let pbkdf2 =
        |rounds: u32| sealed(Parameters::generate_pbkdf2_sha256_aes256cbc(rounds, &[1; 16], [2; 16]).expect("encodes"));
    for refused in [scrypt(40, 1), scrypt(14, 1 << 15), pbkdf2(100_000_000)] {
        assert!(refused.contains("its seal asks for more work"), "{refused}");
    }
    for tried in [scrypt(14, 5), pbkdf2(1000)] {
        assert!(tried.contains("does not open"), "{tried}");
    }
}
