use super::*;

const BYTES: [u8; 61] = [0xa5; 61];

fn lines_of(bytes: &[u8]) -> Vec<String> {
    wrap(Label::License, bytes).lines().map(str::to_owned).collect()
}

fn problem(text: impl AsRef<[u8]>) -> String {
    unwrap(Label::License, text.as_ref()).expect_err("refused").to_string()
}

#[test]
fn every_length_reads_back() {
    for len in 1..200 {
        let bytes = vec![len as u8; len];
        for label in Label::ALL {
            let text = wrap(label, &bytes);
            assert_eq!(unwrap(label, text.as_bytes()).as_ref(), Ok(&bytes));
            assert_eq!(label_of(text.as_bytes()), Some(label));
        }
    }
}

#[test]
fn line_ends_are_all_lf_or_all_crlf_and_the_last_may_be_missing() {
    let text = wrap(Label::License, &BYTES);
    let crlf = text.replace('\n', "\r\n");
    for good in [&text[..], text.trim_end(), &crlf, crlf.trim_end()] {
        assert_eq!(unwrap(Label::License, good.as_bytes()).as_deref(), Ok(&BYTES[..]));
    }
    assert_eq!(label_of(crlf.as_bytes()), Some(Label::License));
    let mixed = [text.replacen('\n', "\r\n", 1), crlf.replacen("\r\n", "\n", 1), text.replace('\n', "\r")];
    let mixed = mixed.into_iter().chain([crlf.trim_end().to_owned() + "\n", text.trim_end().to_owned() + "\r\n"]);
    for text in mixed {
        unwrap(Label::License, text.as_bytes()).expect_err(&text);
    }
}

#[test]
fn nothing_stands_before_or_after() {
    let text = wrap(Label::License, &BYTES);
    let with = |before: &str, after: &str| format!("{before}{text}{after}");
    for (before, after) in
        [("\n", ""), (" ", ""), ("Hello\n", ""), ("\u{feff}", ""), ("", "\n"), ("", " "), ("", "x"), ("", "\n\n")]
    {
        problem(with(before, after));
    }
    problem(with("", &text));
}

#[test]
fn the_label_is_the_expected_one() {
    let request = wrap(Label::Request, &BYTES);
    assert_eq!(problem(&request), "this is a REQUEST file, a LICENSE file was expected");
    let text = wrap(Label::License, &BYTES);
    problem(text.replace("LICENSE", "LICENCE"));
    problem(text.replace("LICENSE", "license"));
    problem(text.replacen("LICENSE", "REQUEST", 1));
    problem(text.replace("END LEASEHOLD LICENSE", "END LEASEHOLD REQUEST"));
    problem(text.replace("-----BEGIN", "----BEGIN"));
    assert_eq!(label_of(b"-----BEGIN CERTIFICATE-----\n"), None);
    assert_eq!(label_of(b""), None);
}

#[test]
fn a_label_from_a_foreign_file_carries_no_control_characters_into_the_error() {
    let hostile = "-----BEGIN LEASEHOLD \u{1b}[2J-----\nAAAA\n-----END LEASEHOLD \u{1b}[2J-----\n";
    assert!(!problem(hostile).contains('\u{1b}'));
}

#[test]
fn lines_of_data_are_64_columns() {
    let good = lines_of(&BYTES);
    let data = good[1..good.len() - 1].concat();
    for columns in [4, 60, 68, 76] {
        let chunks: Vec<_> = data.as_bytes().chunks(columns).map(|chunk| String::from_utf8_lossy(chunk)).collect();
        problem(format!("{}\n{}\n{}\n", good[0], chunks.join("\n"), good[good.len() - 1]));
    }
    let joined = |lines: &[&str]| lines.join("\n") + "\n";
    let [first, full, rest, last] = &good[..] else { panic!("{good:?}") };
    problem(joined(&[first, full, "", rest, last]));
    problem(joined(&[first, "", full, rest, last]));
    problem(joined(&[first, full, rest, "", last]));
    problem(joined(&[first, &format!(" {full}"), rest, last]));
    problem(joined(&[first, full, &format!("{rest} "), last]));
    problem(joined(&[first, "Version: 1", full, rest, last]));
}

#[test]
fn base64_is_canonical() {
    let [first, .., last] = &lines_of(b"x")[..] else { panic!("too short") };
    let file = |data: &str| format!("{first}\n{data}\n{last}\n");
    assert_eq!(unwrap(Label::License, file("eA==").as_bytes()).as_deref(), Ok(&b"x"[..]));
    for wrong in ["eB==", "eA=", "eA", "eA==eA==", "eA==x", "e===", "====", "e-_=", "eA =="] {
        problem(file(wrong));
    }
}

#[test]
fn truncated_files_are_refused() {
    let text = wrap(Label::License, &BYTES);
    for len in 0..text.len() - 1 {
        problem(&text[..len]);
    }
    problem("-----BEGIN LEASEHOLD LICENSE-----\n-----END LEASEHOLD LICENSE-----\n");
}

#[test]
fn files_are_ascii_and_at_most_64_kibibytes() {
    problem(wrap(Label::License, &BYTES).replace('A', "Ａ"));
    problem([0xff, 0xfe]);
    let frame = wrap(Label::License, &[]).len();
    let lines = (FILE_LEN_MAX - frame) / (COLUMNS + 1);
    assert!(unwrap(Label::License, wrap(Label::License, &vec![0; lines * 48]).as_bytes()).is_ok());
    assert!(problem(wrap(Label::License, &vec![0; (lines + 1) * 48])).contains("at most 65536"));
}

#[test]
fn every_label_has_its_own_extension() {
    let extensions = Label::ALL.map(Label::extension);
    assert_eq!(extensions, ["lic", "lreq", "lret", "lks"]);
}
