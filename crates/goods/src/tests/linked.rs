//! Links to more about a thing.

use crate::links::{Link, Wish, anchors, check, choose, header, linkset};

fn link(href: &str, link_type: &str, languages: &[&str]) -> Link {
    Link {
        href: href.to_owned(),
        link_type: link_type.to_owned(),
        title: "More".to_owned(),
        hreflang: languages.iter().map(|tag| (*tag).to_owned()).collect(),
        media_type: None,
        is_default: false,
    }
}

fn wish(link_type: &str, languages: &[&str]) -> Wish {
    Wish {
        link_type: Some(link_type.to_owned()).filter(|one| !one.is_empty()),
        languages: languages.iter().map(|tag| (*tag).to_owned()).collect(),
        media_types: Vec::new(),
    }
}

#[test]
fn the_link_type_is_understood_in_every_spelling() {
    let links = [link("https://a.example/", "gs1:pip", &[])];
    for spelled in ["pip", "gs1:pip", "https://gs1.org/voc/pip", "https://ref.gs1.org/voc/pip"] {
        assert!(choose(&links, &wish(spelled, &[])).is_some(), "{spelled}");
    }
    assert!(choose(&links, &wish("gs1:recipeInfo", &[])).is_none());
    assert!(choose(&links, &wish("", &[])).is_none(), "nothing is the default");
}

#[test]
fn the_best_language_wins_and_the_default_is_for_all_others() {
    let english = Link { is_default: true, ..link("https://a.example/en", "gs1:pip", &["en"]) };
    let links = [english, link("https://a.example/zh", "gs1:pip", &["zh"])];
    let chosen = |languages: &[&str], kind: &str| choose(&links, &wish(kind, languages)).unwrap();
    assert_eq!(chosen(&["zh-CN", "en"], "gs1:pip").href, "https://a.example/zh");
    assert_eq!(chosen(&["zh-CN", "en"], "").href, "https://a.example/zh");
    assert_eq!(chosen(&["fr"], "").href, "https://a.example/en");
    assert_eq!(chosen(&[], "gs1:defaultLink").href, "https://a.example/en");
}

#[test]
fn what_is_no_link_is_refused_with_its_field() {
    let fails = |link: Link| check(&[link]).unwrap_err().to_string();
    assert!(fails(link("javascript:alert(1)", "gs1:pip", &[])).contains("`href`"));
    assert!(fails(link("https://a.example/\"><", "gs1:pip", &[])).contains("`href`"));
    assert!(fails(link("https://a.example/", "all", &[])).contains("`linkType`"));
    assert!(fails(link("https://a.example/", "gs1:pip", &["en us"])).contains("`hreflang`"));
    let untitled = Link { title: " ".into(), ..link("https://a.example/", "gs1:pip", &[]) };
    assert!(fails(untitled).contains("`title`"));
    let both = [true, true]
        .map(|is_default| Link { is_default, ..link("https://a.example/", "gs1:pip", &[]) });
    assert_eq!(check(&both).unwrap_err().code(), "links.several_defaults");
}

#[test]
fn a_lot_has_the_links_of_its_product_too() {
    assert_eq!(
        anchors("https://id.gs1.org/01/09521002000566/10/L7"),
        ["01/09521002000566/10/L7", "01/09521002000566"]
    );
    assert_eq!(anchors("https://id.gs1.org/00/195210020000051008"), ["00/195210020000051008"]);
    assert!(anchors("urn:other:thing").is_empty());
}

#[test]
fn a_linkset_names_types_by_their_uris() {
    let links = [Link { is_default: true, ..link("https://a.example/", "gs1:pip", &["en"]) }];
    let set = linkset("https://node.example/01/09521002000566", "Minced pork", &links);
    let context = &set["linkset"][0];
    assert_eq!(context["anchor"], "https://node.example/01/09521002000566");
    assert_eq!(context["https://gs1.org/voc/pip"][0]["hreflang"][0], "en");
    assert_eq!(context["https://gs1.org/voc/defaultLink"][0]["href"], "https://a.example/");
    assert_eq!(
        header(&links),
        "<https://a.example/>; rel=\"https://gs1.org/voc/pip\"; title=\"More\"; hreflang=\"en\""
    );
}
