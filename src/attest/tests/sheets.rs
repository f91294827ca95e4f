//! Sheets: out, filled in, and back.

use super::*;
use crate::attest::{About, AttestError, Entry, Format, Imported, Store, export, import};
use crate::config::AnswerKind;

const ALL: Scope<'_> = Scope { all: true, competency: None, level: None, expiring: None, owner: None };
const HEADER: &str = "check,answer,evidence,reason,by,on,tenant";

fn about(world: &World) -> About<'_> {
    About {
        policies: &world.policies,
        tenant: TENANT,
        answers: &world.answers,
        today: today(),
        by: Some(ADA),
    }
}

fn csv(rows: &str) -> Vec<(String, Vec<u8>)> {
    vec![("s.csv".to_owned(), format!("{HEADER}\n{rows}").into_bytes())]
}

fn mistakes(result: Result<Imported, AttestError>) -> Vec<String> {
    match result {
        Err(AttestError::Sheet(mistakes)) => {
            mistakes.iter().map(|m| format!("{} {}: {}", m.row, m.column, m.message)).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// The exported sheet as text rows, to be filled in.
fn filled(bytes: &[u8], fill: &[(&str, &str, &str)]) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap().trim_start_matches('\u{FEFF}');
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let place = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headers).unwrap();
    for record in reader.records() {
        let mut cells: Vec<String> = record.unwrap().iter().map(str::to_owned).collect();
        for (check, header, value) in fill {
            if cells[place("check")] == *check {
                cells[place(header)] = (*value).to_owned();
            }
        }
        writer.write_record(&cells).unwrap();
    }
    writer.into_inner().unwrap()
}

#[test]
fn a_table_goes_out_and_comes_back_into_the_file() {
    let world = World::new("");
    let bytes = export(&world.plan(&ALL), TENANT, today(), Format::Csv).unwrap();
    let hostile = "=cmd|' /C calc'!A0";
    let bytes = filled(
        &bytes,
        &[
            ("INF-400-G1/high", "answer", "Yes"),
            ("INF-400-G1/high", "evidence", &format!("'{hostile}")),
            ("INF-300-G1/middle", "answer", "n/a"),
            ("INF-300-G1/middle", "reason", "we have none"),
            ("INF-300-G1/middle", "by", "Kim Okafor <kim@contoso.com>"),
            ("INF-300-G1/middle", "on", "2026-10-01"),
        ],
    );
    let imported = import(&[("s.csv".to_owned(), bytes)], &about(&world)).unwrap();
    assert_eq!((imported.entries.len(), imported.empty, imported.skipped.len()), (2, 3, 0));
    let [middle, high] = imported.entries.as_slice() else { panic!() };
    assert_eq!(middle.by, "Kim Okafor <kim@contoso.com>");
    assert_eq!((middle.answer, middle.reason.as_deref()), (AnswerKind::NotApplicable, Some("we have none")));
    assert_eq!((high.by.as_str(), high.evidence.as_deref()), (ADA, Some(hostile)));
    assert_eq!(high.on.to_rfc3339(), "2026-11-02T00:00:00+00:00");
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(&folder.path().join("a.yaml"), TENANT).unwrap();
    store.append(&imported.entries).unwrap();
    assert_eq!(store.answers().unwrap().len(), 2);
}

#[test]
fn a_workbook_goes_out_and_comes_back() {
    let world = World::new("");
    let plan = world.plan(&ALL);
    let bytes = export(&plan, TENANT, today(), Format::Xlsx).unwrap();
    assert_eq!(bytes, export(&plan, TENANT, today(), Format::Xlsx).unwrap(), "the same bytes each time");
    let imported = import(&[("s.xlsx".to_owned(), bytes)], &about(&world)).unwrap();
    assert_eq!((imported.entries.len(), imported.empty), (0, 5));
    // Filled in by a spreadsheet: dates are dates, texts are texts.
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, text) in (0u16..).zip(HEADER.split(',')) {
        sheet.write_string(0, column, text).unwrap();
    }
    let date = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 10, 1).unwrap();
    let look = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    sheet.write_string(1, 0, "INF-400-G1/high").unwrap();
    sheet.write_string(1, 1, "yes").unwrap();
    sheet.write_string(1, 2, "=not a formula\nsecond line").unwrap();
    sheet.write_datetime_with_format(1, 5, &date, &look).unwrap();
    // Far to the lower right: must cost nothing.
    sheet.write_string(9_000, 16_000, "far").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let imported = import(&[("s.xlsx".to_owned(), bytes)], &about(&world)).unwrap();
    let entry = Entry {
        check: check("INF-400-G1/high"),
        answer: AnswerKind::Yes,
        on: "2026-10-01T00:00:00Z".parse().unwrap(),
        by: ADA.to_owned(),
        evidence: Some("=not a formula second line".to_owned()),
        reason: None,
    };
    assert_eq!(imported.entries, [entry]);
}

#[test]
fn the_drop_down_offers_what_the_check_allows() {
    let plan = World::new("").plan(&ALL);
    let bytes = export(&plan, TENANT, today(), Format::Xlsx).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut sheet = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut sheet)
        .unwrap();
    assert_eq!(sheet.matches("\"yes,partly,no\"").count(), 4);
    assert_eq!(sheet.matches("\"yes,partly,no,not-applicable\"").count(), 1);
    assert!(!sheet.contains("<f>"), "no formula");
}

#[test]
fn no_cell_of_a_table_is_a_formula() {
    let mut plan = World::new("").plan(&ALL);
    plan.questions[0].text = "=HYPERLINK(1)".to_owned();
    plan.questions[0].owners = vec!["@sum <a@contoso.com>".to_owned()];
    let bytes = export(&plan, TENANT, today(), Format::Csv).unwrap();
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    for record in reader.records() {
        assert!(record.unwrap().iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])));
    }
}

#[test]
fn a_newer_answer_stays_and_an_older_one_is_followed() {
    let world = World::new(
        "answers:\n  - { check: INF-400-G1/high, answer: no, on: 2026-10-01, by: 'A B <a@contoso.com>' }\n",
    );
    let row = |on: &str| csv(&format!("INF-400-G1/high,yes,x,,,{on},\n"));
    for (on, entries) in [("2026-09-30", 0), ("2026-10-01", 0), ("2026-10-02", 1)] {
        let imported = import(&row(on), &about(&world)).unwrap();
        assert_eq!((imported.entries.len(), imported.skipped.len()), (entries, 1 - entries), "{on}");
    }
    let skipped = import(&row("2026-09-30"), &about(&world)).unwrap().skipped;
    assert_eq!(
        skipped,
        ["s.csv, row 2: INF-400-G1/high is left out, it has an answer of 2026-10-01 that is not older"]
    );
}

#[test]
fn all_mistakes_are_told_at_once_with_row_and_column() {
    let world = World::new("");
    let rows = "\
INF-400-G1/hihg,yes,x,,,,
INF-400-G1/high,maybe,x,,,,
INF-400-G1/high,yes,,,,,
INF-400-G1/high,na,,because,,,
INF-300-G1/middle,na,,,,,
INF-200-G2/only-measured,yes,x,,,,
INF-400-G1/high,no,,,Ada,01.02.2026,
INF-400-G1/high,no,,,,2027-01-01,
,no,,,,,
INF-400-G1/high,,x,,,,
INF-400-G1/high,no,,,,,00000000-0000-4000-8000-000000000001
";
    let found = mistakes(import(&csv(rows), &about(&world)));
    let expected = [
        "2 check: there is no check `INF-400-G1/hihg`",
        "3 answer: `maybe` is none of",
        "4 evidence: is empty, and a yes needs it",
        "5 answer: this check applies to every tenant",
        "6 reason: is empty",
        "7 answer: this check only counts when measured",
        "8 by: `Ada` is not a name",
        "8 on: `01.02.2026` is not a date",
        "9 on: 2027-01-01 is in the future",
        "10 check: is empty",
        "11 answer: is empty, but `evidence` is not",
        "12 tenant: is 00000000-0000-4000-8000-000000000001, not this tenant",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found} / {expected}");
    }
}

#[test]
fn rows_that_name_nobody_need_somebody() {
    let world = World::new("");
    let found = mistakes(import(&csv("INF-400-G1/high,no,,,,,\n"), &About { by: None, ..about(&world) }));
    assert_eq!(found, ["2 by: is empty: write who answers, or give --by for all such rows"]);
}

#[test]
fn two_sheets_of_one_day_that_disagree_are_a_mistake() {
    let world = World::new("");
    let mut sheets = csv("INF-400-G1/high,yes,x,,,,\n");
    sheets.extend(csv("INF-400-G1/high,yes,x,,,,\n"));
    let same = import(&sheets, &about(&world)).unwrap();
    assert_eq!((same.entries.len(), same.skipped.len()), (1, 1));
    sheets.extend(csv("INF-400-G1/high,no,,,,,\n"));
    let found = mistakes(import(&sheets, &about(&world)));
    assert_eq!(found, ["2 answer: INF-400-G1/high is answered otherwise in s.csv, row 2"]);
}

#[test]
fn headers_are_found_by_name_and_slips_are_told() {
    let world = World::new("");
    let sheet = |text: &str| vec![("s.csv".to_owned(), text.as_bytes().to_vec())];
    let good = import(&sheet("Notes;ANSWER;Check\nmine;no;BCR-4/duty\n"), &about(&world)).unwrap();
    assert_eq!(good.entries.len(), 1);
    let slip = mistakes(import(&sheet("check,answer,evidense\nBCR-4/duty,no,x\n"), &about(&world)));
    assert!(slip[0].starts_with("1 evidense: is not a column; did you mean"), "{slip:?}");
    let missing = mistakes(import(&sheet("check\nBCR-4/duty\n"), &about(&world)));
    assert_eq!(missing, ["1 answer: this column is missing"]);
}

#[test]
fn what_is_no_sheet_is_refused() {
    let world = World::new("");
    let mut bomb = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    bomb.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let zeros = vec![0u8; 1 << 20];
    for _ in 0..80 {
        std::io::Write::write_all(&mut bomb, &zeros).unwrap();
    }
    let bomb = bomb.finish().unwrap().into_inner();
    for (bytes, why) in [
        (b"PK\x03\x04 not an archive".to_vec(), "can't be unpacked"),
        (bomb, "unpacked it has more than 64 MiB"),
        (vec![b'a'; 9 << 20], "more than 8 MiB"),
        (b"check,answer\n\xff\xff,\xff".to_vec(), ""),
    ] {
        let error = import(&[("s".to_owned(), bytes)], &about(&world)).unwrap_err();
        assert!(matches!(&error, AttestError::File { message, .. } if message.contains(why)), "{error}");
    }
}
