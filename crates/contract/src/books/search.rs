use bookshelf_domain::books::{BookFields, BookFilter, BookQuery, Isbn, SearchWords};
use bookshelf_domain::{SearchText, Total};

use super::{add, title_has, titles};
use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::{AddBook, book, every_book, isbn, line, moment, year};
use crate::saw::Must;

/// Each part finds exactly the titles named beside it.
async fn finds(store: &Store, expected: &[(&str, &[&str])]) {
    for (part, those) in expected {
        ensure_eq!(titles(store, title_has(part)).await, *those, "searching {part:?}");
    }
}

pub(super) async fn case_is_ignored_in_every_script(store: Store) {
    let pairs = [
        ("Émile Zola", "ÉMILE"),
        ("Zoe\u{308}", "ZO\u{cb}"),
        ("Лев Толстой", "ЛЕВ ТОЛ"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Die Straße", "STRASSE"),
        ("ԵՐԵՎԱՆ", "երեվան"),
        ("ﬁnal", "FINAL"),
        ("ａｂｃｄ", "ＡＢＣＤ"),
        ("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ", "ꮳꮃꭹ"),
        ("𐐀𐐁𐐂𐐃", "𐐨𐐩𐐪𐐫"),
        ("ǅungla", "ǆUNG"),
        ("İstanbul", "i\u{307}stan"),
        ("Ağrı", "AGRI"),
        ("Łódź", "lodz"),
    ];
    for (title, _) in pairs {
        add(&store, title).await;
    }
    for (title, part) in pairs {
        ensure_eq!(titles(&store, title_has(part)).await, [title], "searching {part:?}");
    }
}

pub(super) async fn parts_are_found_wherever_they_stand(store: Store) {
    for title in ["abcdef", "xabcdx", "defabc", "ab", "abc", "a b c", "ألف ليلة وليلة", "紅樓夢記"]
    {
        add(&store, title).await;
    }
    finds(
        &store,
        &[
            ("abc", &["abcdef", "xabcdx", "defabc", "abc"]),
            ("abcd", &["abcdef", "xabcdx"]),
            ("abcdef", &["abcdef"]),
            ("abcdefg", &[]),
            ("b c", &["a b c"]),
            ("acb", &[]),
            ("ليلة", &["ألف ليلة وليلة"]),
            ("樓夢記", &["紅樓夢記"]),
        ],
    )
    .await;
}

pub(super) async fn short_parts_are_found_too(store: Store) {
    for title in ["q", "qz", "aqz", "aaqz", "zq rest", "no", "三体", "體三", "📚", "a📚b", "Ж"]
    {
        add(&store, title).await;
    }
    finds(
        &store,
        &[
            ("q", &["q", "qz", "aqz", "aaqz", "zq rest"]),
            ("Z", &["qz", "aqz", "aaqz", "zq rest"]),
            ("qz", &["qz", "aqz", "aaqz"]),
            ("ZQ", &["zq rest"]),
            ("t", &["zq rest"]),
            ("st", &["zq rest"]),
            (" ", &["zq rest"]),
            ("q ", &["zq rest"]),
            ("三", &["三体", "體三"]),
            ("三体", &["三体"]),
            ("📚", &["📚", "a📚b"]),
            ("📚b", &["a📚b"]),
            ("ж", &["Ж"]),
            ("zz", &[]),
        ],
    )
    .await;
}

pub(super) async fn wildcards_and_operators_are_ordinary_characters(store: Store) {
    let all = [
        "100% cotton",
        "100 cotton",
        "snake_case",
        "snakeXcase",
        "a*b",
        "axb",
        "say \"hi\" now",
        "O'Brien",
        "back\\slash",
        "title:abc",
        "AND OR NOT",
        "NEAR(a b)",
        "^start",
        "a-b-c",
        "{curly} [square]",
        "semi;colon -- x",
        "plus+plus",
    ];
    for title in all {
        add(&store, title).await;
    }
    finds(
        &store,
        &[
            ("%", &["100% cotton"]),
            ("0% c", &["100% cotton"]),
            ("100%cotton", &[]),
            ("_", &["snake_case"]),
            ("e_c", &["snake_case"]),
            ("*", &["a*b"]),
            ("a*b", &["a*b"]),
            ("a*", &["a*b"]),
            ("\"", &["say \"hi\" now"]),
            ("\"hi\"", &["say \"hi\" now"]),
            ("y \"h", &["say \"hi\" now"]),
            ("\"\"\"", &[]),
            ("o'b", &["O'Brien"]),
            ("'", &["O'Brien"]),
            ("k\\s", &["back\\slash"]),
            ("\\", &["back\\slash"]),
            ("title:abc", &["title:abc"]),
            ("and or", &["AND OR NOT"]),
            ("near(", &["NEAR(a b)"]),
            ("^sta", &["^start"]),
            ("^", &["^start"]),
            ("a-b", &["a-b-c"]),
            ("} [", &["{curly} [square]"]),
            ("[s]quare", &[]),
            (";co", &["semi;colon -- x"]),
            (" --", &["semi;colon -- x"]),
            ("s+p", &["plus+plus"]),
            ("???", &[]),
        ],
    )
    .await;
}

pub(super) async fn no_character_is_too_strange(store: Store) {
    let strange = [
        "\u{ffff}",
        "\u{fffe}",
        "\u{fffd}",
        "\u{fdd0}",
        "\u{1ffff}",
        "\u{10ffff}",
        "\u{e000}",
        "\u{202e}",
        "\u{200b}",
        "\u{feff}",
        "\u{d7ff}",
    ];
    for part in strange {
        add(&store, &format!("a{part}bc")).await;
    }
    for part in strange {
        let title = format!("a{part}bc");
        for part in [part.to_owned(), format!("a{part}"), format!("{part}bc"), title.clone()] {
            ensure_eq!(titles(&store, title_has(&part)).await, [&*title], "searching {part:?}");
            let query = BookQuery { filter: title_has(&part), ..every_book() };
            let total = store.book_reader.list(query).await.must().total;
            ensure_eq!(total, Some(Total { items: 1, exact: true }), "searching {part:?}");
        }
    }
}

pub(super) async fn accents_are_ignored(store: Store) {
    for title in ["resume", "résumé", "re\u{301}sume\u{301} two"] {
        add(&store, title).await;
    }
    finds(
        &store,
        &[
            ("resume", &["resume", "résumé", "re\u{301}sume\u{301} two"]),
            ("RÉSUMÉ", &["resume", "résumé", "re\u{301}sume\u{301} two"]),
            ("sume\u{301} t", &["re\u{301}sume\u{301} two"]),
            ("é", &["resume", "résumé", "re\u{301}sume\u{301} two"]),
            ("m\u{301}e", &["resume", "résumé", "re\u{301}sume\u{301} two"]),
        ],
    )
    .await;
}

pub(super) async fn every_apostrophe_quotation_mark_hyphen_and_space_is_the_same(store: Store) {
    for title in ["Ender’s Plays", "Ender's Game", "„Ja“ – «no»", "a\u{a0}b"] {
        add(&store, title).await;
    }
    finds(
        &store,
        &[
            ("ender's", &["Ender’s Plays", "Ender's Game"]),
            ("ENDERʼS", &["Ender’s Plays", "Ender's Game"]),
            ("\"ja\" - \"no\"", &["„Ja“ – «no»"]),
            ("a\u{3000}b", &["a b"]),
            ("a  b", &["a b"]),
        ],
    )
    .await;
}

async fn searched(store: &Store, search: &str) -> Vec<String> {
    titles(store, BookFilter { search: SearchWords::new(search), ..BookFilter::default() }).await
}

pub(super) async fn every_word_is_found_in_some_field(store: Store) {
    for (title, author) in [
        ("Gideon the Ninth", "Tamsyn Muir"),
        ("Harrow the Ninth", "Tamsyn Muir"),
        ("Thérèse Raquin", "Émile Zola"),
        ("İzmir Yolu", "A B"),
    ] {
        store.books.add(book(title, author), moment(0)).await.must();
    }
    ensure_eq!(searched(&store, "muir gideon").await, ["Gideon the Ninth"]);
    ensure_eq!(searched(&store, "the\u{a0}TAMSYN").await, ["Gideon the Ninth", "Harrow the Ninth"]);
    ensure_eq!(searched(&store, "zola emile").await, ["Thérèse Raquin"]);
    ensure_eq!(searched(&store, "em zo quin").await, ["Thérèse Raquin"]);
    for word in ["izmir", "İZMİR", "IZMIR", "ızmır"] {
        ensure_eq!(searched(&store, word).await, ["İzmir Yolu"], "{word}");
    }
    ensure!(searched(&store, "muir gideon zola").await.is_empty());
    ensure_eq!(searched(&store, " ").await.len(), 4);
}

pub(super) async fn a_word_is_found_in_the_isbn(store: Store) {
    let isbn = Isbn::parse("9780132350884").ok();
    let fields = BookFields { isbn, ..book("Clean Code", "Robert C. Martin") };
    store.books.add(fields, moment(0)).await.must();
    let fields = BookFields { isbn: Isbn::parse("9780441172719").ok(), ..book("1984", "x") };
    store.books.add(fields, moment(0)).await.must();
    add(&store, "978-0 is a prefix").await;
    for found in
        ["9780132350884", "0-13-235088-2", "0132350882 martin", "clean 3508", "350-88", "0884"]
    {
        ensure_eq!(searched(&store, found).await, ["Clean Code"], "{found}");
    }
    ensure_eq!(searched(&store, "978-0").await.len(), 3);
    ensure_eq!(searched(&store, "1984").await, ["1984"]);
    ensure_eq!(searched(&store, "27").await, ["1984"]);
    ensure_eq!(searched(&store, "5").await, ["Clean Code"]);
    ensure!(searched(&store, "0132350882 dune").await.is_empty());
    ensure!(searched(&store, "1-3").await.is_empty());
}

pub(super) async fn many_short_words_are_found(store: Store) {
    for title in ["a b c d e f g w", "a b c d e f g z"] {
        add(&store, title).await;
    }
    ensure_eq!(searched(&store, "w g f e d c b a").await, ["a b c d e f g w"]);
    ensure_eq!(searched(&store, "a b c d e f g z").await, ["a b c d e f g z"]);
    ensure_eq!(searched(&store, "g f e d c b a").await.len(), 2);
}

pub(super) async fn title_author_and_search_look_where_they_say(store: Store) {
    for (title, author) in [("Emma", "Jane Austen"), ("Jane Eyre", "Charlotte Brontë")] {
        store.books.add(book(title, author), moment(0)).await.must();
    }
    let part = |part: &str| Some(SearchText::new(part));
    let by_title = |text| BookFilter { title: part(text), ..BookFilter::default() };
    let by_author = |text| BookFilter { author: part(text), ..BookFilter::default() };
    let by_either = |text| BookFilter { search: SearchWords::new(text), ..BookFilter::default() };
    ensure_eq!(titles(&store, by_title("jane")).await, ["Jane Eyre"]);
    ensure_eq!(titles(&store, by_author("jane")).await, ["Emma"]);
    ensure_eq!(titles(&store, by_either("jane")).await, ["Emma", "Jane Eyre"]);
    ensure_eq!(titles(&store, by_either("NTË")).await, ["Jane Eyre"]);
    ensure_eq!(titles(&store, by_either("mm")).await, ["Emma"]);
    for straddling in ["EmmaJane", "aj", "aJa", "eyrecharl", "ec"] {
        ensure!(titles(&store, by_either(straddling)).await.is_empty(), "{straddling}");
    }
    let both = BookFilter { title: part("em"), author: part("aus"), ..BookFilter::default() };
    ensure_eq!(titles(&store, both).await, ["Emma"]);
    let crossed = BookFilter { title: part("jane"), author: part("jane"), ..Default::default() };
    ensure!(titles(&store, crossed).await.is_empty());
}

pub(super) async fn a_genre_is_matched_as_a_whole(store: Store) {
    let genres = [None, Some("Unknown"), Some("Science Fiction"), Some("Fiction"), Some("Драма")];
    for (number, genre) in genres.into_iter().enumerate() {
        let fields = BookFields { genre: genre.map(line), ..book(&format!("Book {number}"), "A") };
        store.books.add(fields, moment(0)).await.must();
    }
    let of = |genre| BookFilter { genre: Some(SearchText::new(genre)), ..BookFilter::default() };
    ensure_eq!(titles(&store, of("UNKNOWN")).await, ["Book 0", "Book 1"]);
    ensure_eq!(titles(&store, of("fiction")).await, ["Book 3"]);
    ensure!(titles(&store, of("science")).await.is_empty());
    ensure_eq!(titles(&store, of("ДРАМА")).await, ["Book 4"]);
    ensure!(titles(&store, of("%")).await.is_empty());
}

pub(super) async fn years_bound_on_both_sides(store: Store) {
    for (title, its_year) in
        [("a", None), ("b", Some(-720)), ("c", Some(0)), ("d", Some(1999)), ("e", Some(2000))]
    {
        let fields = BookFields { year: its_year.map(year), ..book(title, "A") };
        store.books.add(fields, moment(0)).await.must();
    }
    let range = |year_from, year_to| BookFilter { year_from, year_to, ..BookFilter::default() };
    let exactly = |year| BookFilter { year: Some(year), ..BookFilter::default() };
    ensure_eq!(titles(&store, exactly(-720)).await, ["b"]);
    ensure_eq!(titles(&store, exactly(0)).await, ["c"]);
    ensure!(titles(&store, exactly(1)).await.is_empty());
    ensure_eq!(titles(&store, range(Some(-720), Some(1999))).await, ["b", "c", "d"]);
    ensure_eq!(titles(&store, range(Some(-719), None)).await, ["c", "d", "e"]);
    ensure_eq!(titles(&store, range(None, Some(0))).await, ["b", "c"]);
    ensure!(titles(&store, range(Some(2000), Some(1999))).await.is_empty());
    let nothing_bounded = range(Some(i32::MIN), Some(i32::MAX));
    ensure_eq!(titles(&store, nothing_bounded).await, ["b", "c", "d", "e"]);
}

pub(super) async fn an_isbn_is_matched_exactly(store: Store) {
    for number in 0..3 {
        let fields = BookFields { isbn: Some(isbn(number)), ..book(&format!("{number}"), "A") };
        store.books.add(fields, moment(0)).await.must();
    }
    let of = |number| BookFilter { isbn: Some(isbn(number)), ..BookFilter::default() };
    ensure_eq!(titles(&store, of(1)).await, ["1"]);
    ensure!(titles(&store, of(9)).await.is_empty());
}

pub(super) async fn every_condition_must_hold(store: Store) {
    let whole = BookFields {
        isbn: Some(isbn(1)),
        genre: Some(line("Novel")),
        year: Some(year(1878)),
        ..book("Anna Karenina", "Leo Tolstoy")
    };
    store.books.add(whole, moment(0)).await.must();
    let part = |part: &str| Some(SearchText::new(part));
    let all = BookFilter {
        title: part("kar"),
        author: part("le"),
        search: SearchWords::new("na tol"),
        genre: part("novel"),
        year: Some(1878),
        year_from: Some(1878),
        year_to: Some(1878),
        isbn: Some(isbn(1)),
    };
    ensure_eq!(titles(&store, all.clone()).await, ["Anna Karenina"]);
    let one_is_wrong = [
        BookFilter { title: part("leo"), ..all.clone() },
        BookFilter { author: part("na"), ..all.clone() },
        BookFilter { search: SearchWords::new("na x"), ..all.clone() },
        BookFilter { genre: part("nov"), ..all.clone() },
        BookFilter { year: Some(1877), ..all.clone() },
        BookFilter { year_from: Some(1879), ..all.clone() },
        BookFilter { year_to: Some(1877), ..all.clone() },
        BookFilter { isbn: Some(isbn(2)), ..all.clone() },
    ];
    for filter in one_is_wrong {
        ensure!(titles(&store, filter.clone()).await.is_empty(), "{filter:?}");
    }
}
