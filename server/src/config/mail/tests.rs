use super::*;
use crate::config::Config;

fn read(text: &str) -> Result<Mail, String> {
    let config = toml::from_str::<Config>(text).map_err(|error| error.to_string())?;
    config.mail.check().map(|()| config.mail)
}

fn example() -> String {
    let text = include_str!("../mail.rs").lines().skip_while(|line| !line.contains("```toml")).skip(1);
    let text = text.take_while(|line| !line.contains("```")).map(|line| line.trim_start_matches("//!"));
    text.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_example_in_the_module_reads_and_what_is_shown_of_it_reads_back() {
    let mail = read(&example()).expect("it reads");
    let smtp = mail.smtp.as_ref().expect("a server");
    let usual = Smtp { security: Security::default(), port: None, timeout: Seconds::default(), ..smtp.clone() };
    assert_eq!((smtp.port, smtp.port(), usual.port()), (Some(465), 465, 465), "what it calls usual is it");
    let config = Config { mail: mail.clone(), ..Config::default() };
    let shown = toml::to_string_pretty(&config).expect("it is shown");
    assert_eq!(read(&shown), Ok(mail), "{shown}");
}

#[test]
fn without_settings_there_is_no_server_and_every_kind_has_a_subject() {
    let mail = read("").expect("nothing is needed");
    assert_eq!(mail, Mail::default());
    assert_eq!(mail.smtp, None);
    assert_eq!(mail.subjects.welcome.line("Example Software"), "Your account at Example Software");
}

#[test]
fn what_does_not_fit_is_refused_with_what_to_write() {
    let head = "[mail]\nportal = \"https://l.example\"\nfrom = \"a@l.example\"\n[mail.smtp]\n";
    let cases = [
        ("[mail]\nportal = \"https://l.example\"\n[mail.smtp]\nhost = \"s.example\"".to_owned(), "write from = "),
        ("[mail]\nfrom = \"a@l.example\"\n[mail.smtp]\nhost = \"s.example\"".into(), "write portal = "),
        (format!("{head}host = \"s.example:25\""), "the port as port = N"),
        (format!("{head}host = \"\""), "write the name alone"),
        (format!("{head}host = \"s.example\"\nsecurity = \"none\""), "use \"tls\" or \"starttls\""),
        (format!("{head}host = \"s.example\"\nsecurity = \"ssl\""), "starttls"),
        (format!("{head}host = \"s.example\"\npassword_file = \"p\""), "write both"),
        (format!("{head}host = \"s.example\"\npassword = \"hunter2\""), "password_file"),
        (format!("{head}host = \"s.example\"\ntimeout = 0"), "from 1 to 600"),
        ("[mail]\nfrom = \"nobody\"".into(), "write it as Example Software <licences@example.com>"),
        ("[mail]\nfrom = \"A <a@l.example> and more\"".into(), "write it as"),
        ("[mail]\nfrom = \"A\\nBcc: b@l.example <a@l.example>\"".into(), "write it as"),
        ("[mail.subjects]\nwelcome = \"Hello {name}\"".into(), "{vendor} is all"),
        ("[mail.subjects]\nwelcome = \"Hello\\r\\nBcc: b@l.example\"".into(), "write one"),
        ("[mail.subjects]\nhello = \"Hello\"".into(), "hello"),
    ];
    for (text, advice) in cases {
        let error = read(&text).expect_err(&text);
        assert!(error.contains(advice), "{text}\n{error}");
    }
    for good in ["host = \"127.0.0.1\"\nsecurity = \"none\"", "host = \"::1\"\nsecurity = \"none\"\nport = 2525"] {
        assert!(read(&format!("{head}{good}")).is_ok(), "{:?}", read(&format!("{head}{good}")));
    }
}

#[test]
fn a_portal_address_is_a_scheme_a_host_and_a_port() {
    let shown = |text: &str| PortalAddress::try_from(text.to_owned()).map(String::from);
    for (text, address) in [
        ("https://licences.example.com", "https://licences.example.com"),
        ("https://licences.example.com:8443/", "https://licences.example.com:8443"),
        ("http://127.0.0.1:8461", "http://127.0.0.1:8461"),
        ("http://[::1]:8461/", "http://[::1]:8461"),
        ("http://localhost", "http://localhost"),
    ] {
        assert_eq!(shown(text), Ok(address.to_owned()));
    }
    for text in [
        "",
        "licences.example.com",
        "https://",
        "http://licences.example.com",
        "ftp://licences.example.com",
        "https://licences.example.com/portal",
        "https://licences.example.com/?a",
        "https://licences.example.com#a",
        "https://me@licences.example.com",
        "https://licences.example.com\r\nBcc: a",
        "javascript:alert(1)",
    ] {
        let error = shown(text).expect_err(text);
        assert!(error.contains("write it as https://licences.example.com"), "{error}");
    }
}
