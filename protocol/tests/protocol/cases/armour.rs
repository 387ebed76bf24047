//! Files: armour around good messages.

use super::Vector;
use crate::samples::{Claims, message};
use leasehold_protocol::{
    Typ,
    armour::{Label, wrap},
};

pub fn vectors() -> Vec<Vector> {
    [accepted(), frames(), data()].into_iter().flatten().collect()
}

fn vector(name: &str, expect: &str, typ: Typ, label: Label, text: String, comment: &str) -> Vector {
    let mut vector =
        Vector::new(format!("armour-{name}"), expect, typ, &[]).with("label", label.word()).comment(comment);
    vector.body = text.into_bytes();
    vector
}

fn text() -> String {
    wrap(Label::Request, &message(Typ::Request, Claims::All))
}

fn malformed(name: &str, text: String, comment: &str) -> Vector {
    vector(name, "malformed: armour", Typ::Request, Label::Request, text, comment)
}

fn accepted() -> Vec<Vector> {
    let kinds = [
        (Typ::License, Label::License),
        (Typ::Request, Label::Request),
        (Typ::Return, Label::Return),
        (Typ::Keyset, Label::Keyset),
    ];
    let kinds = kinds.map(|(typ, label)| {
        let text = wrap(label, &message(typ, Claims::All));
        vector(&format!("accepted-{typ}"), "accepted", typ, label, text, "as it is written")
    });
    let good =
        |name: &str, text: String, comment: &str| vector(name, "accepted", Typ::Request, Label::Request, text, comment);
    let text = text();
    let more = [
        good("crlf", text.replace('\n', "\r\n"), "lines end in CRLF"),
        good("no-final-newline", text.trim_end().to_owned(), "the last line has no end"),
    ];
    kinds.into_iter().chain(more).collect()
}

fn frames() -> Vec<Vector> {
    let text = text();
    let wrong_label = |name: &str, label: Label, comment: &str| {
        vector(name, "wrong-label", Typ::Request, label, text.clone(), comment)
    };
    vec![
        wrong_label("request-as-license", Label::License, "a request where a licence file is expected"),
        wrong_label("request-as-return", Label::Return, "a request where a return is expected"),
        vector(
            "mislabelled",
            "wrong-type",
            Typ::License,
            Label::License,
            wrap(Label::License, &message(Typ::Request, Claims::All)),
            "the label says licence, the message inside is a request",
        ),
        malformed("text-before", format!("Here it is:\n{text}"), "text before the first line"),
        malformed("blank-before", format!("\n{text}"), "an empty line before the first"),
        malformed("byte-order-mark", format!("\u{feff}{text}"), "a byte order mark"),
        malformed("blank-after", format!("{text}\n"), "an empty line after the last"),
        malformed("text-after", format!("{text}Regards\n"), "text after the last line"),
        malformed("twice", format!("{text}{text}"), "two files in one"),
        malformed("no-end", text.lines().take(4).map(|line| format!("{line}\n")).collect(), "no last line"),
        malformed("end-label", text.replace("END LEASEHOLD REQUEST", "END LEASEHOLD RETURN"), "another last line"),
        malformed("lower-case", text.replace("REQUEST", "request"), "a label in lower case"),
        malformed("four-hyphens", text.replacen("-----BEGIN", "----BEGIN", 1), "four hyphens"),
        malformed("trailing-space", text.replacen("-----\n", "----- \n", 1), "a space after the first line"),
        malformed("mixed-ends", text.replacen('\n', "\r\n", 1), "one line ends in CRLF"),
        malformed("lone-cr", text.replace('\n', "\r"), "lines end in CR"),
        malformed("escape", text.replace("REQUEST", "\u{1b}[2J"), "a label for the reader's terminal"),
    ]
}

fn data() -> Vec<Vector> {
    let text = text();
    let lines: Vec<&str> = text.lines().collect();
    let (first, body, last) = (lines[0], lines[1..lines.len() - 1].concat(), lines[lines.len() - 1]);
    let in_columns = |columns: usize| {
        let rows: String = body.as_bytes().chunks(columns).map(|row| String::from_utf8_lossy(row) + "\n").collect();
        format!("{first}\n{rows}{last}\n")
    };
    let one_line = |data: &str| format!("{first}\n{data}\n{last}\n");
    let large = format!("{first}\n{}AAAA\n{last}\n", (["A"; 64].concat() + "\n").repeat(1024));
    vec![
        malformed("76-columns", in_columns(76), "MIME's width"),
        malformed("60-columns", in_columns(60), "narrower lines"),
        malformed("one-line", one_line(&body), "all data in one line"),
        malformed("blank-line", text.replacen('\n', "\n\n", 1), "an empty line before the data"),
        malformed("header-line", text.replacen('\n', "\nVersion: 1\n", 1), "a header, as OpenPGP has them"),
        malformed("indented", text.replacen('\n', "\n ", 1), "a space before the data"),
        malformed("no-data", format!("{first}\n{last}\n"), "no data"),
        malformed("no-padding", one_line("0oQ"), "padding left out"),
        malformed("trailing-bits", one_line("0oR="), "bits after the last byte that are not zero"),
        malformed("inner-padding", one_line("0g==0oQ="), "padding in the middle"),
        malformed("url-alphabet", one_line("-_8="), "base64url"),
        malformed("not-ascii", text.replacen('A', "Å", 1), "a letter outside ASCII"),
        vector("too-large", "malformed: size", Typ::Request, Label::Request, large, "above 64 KiB"),
    ]
}
