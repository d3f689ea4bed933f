//! Links to more about a thing, as a GS1 Digital Link resolver keeps and gives them (ISO/IEC 18975, the
//! GS1-Conformant Resolver standard; linksets by RFC 9264).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::GS1;

/// Where GS1's link types live.
pub const VOCABULARY: &str = "https://gs1.org/voc/";

/// The same place as GS1's pages write it today.
const VOCABULARY_TODAY: &str = "https://ref.gs1.org/voc/";

/// Links of one thing at most.
pub const LINKS_MAX: usize = 50;

const HREF_BYTES_MAX: usize = 2_048;
const TITLE_BYTES_MAX: usize = 200;
const TYPE_BYTES_MAX: usize = 200;
const LANGUAGES_MAX: usize = 20;

/// A link to more about a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Link {
    /// Where it leads: an `https:` or `http:` address.
    pub href: String,
    /// What is there: `gs1:pip`, `gs1:certificationInfo`, or a URI of one's own.
    pub link_type: String,
    /// What it is called.
    pub title: String,
    /// The languages of what is there: `en`, `zh-CN`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hreflang: Vec<String>,
    /// The media type of what is there.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Whether it is where those go who ask for nothing in particular.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_default: bool,
}

/// Why links are not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinksError {
    /// There are too many.
    #[error("a thing has at most {LINKS_MAX} links, not {0}")]
    TooMany(usize),
    /// Several are the default.
    #[error("only one link can be the default")]
    SeveralDefaults,
    /// A field of one breaks a rule.
    #[error("link {position}, `{field}`: {rule}")]
    Field {
        /// Its position, from 1.
        position: usize,
        /// The field.
        field: &'static str,
        /// The rule.
        rule: String,
    },
}

impl LinksError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooMany(_) => "links.too_many",
            Self::SeveralDefaults => "links.several_defaults",
            Self::Field { .. } => "links.field",
        }
    }
}

/// What somebody asks of the links of a thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// The link type as it was asked for; none for the default.
    pub link_type: Option<String>,
    /// Languages, best first: `zh-CN`, `en`.
    pub languages: Vec<String>,
    /// Media types, best first.
    pub media_types: Vec<String>,
}

/// Checks links that somebody wants to keep.
///
/// # Errors
/// The first broken rule.
pub fn check(links: &[Link]) -> Result<(), LinksError> {
    if links.len() > LINKS_MAX {
        return Err(LinksError::TooMany(links.len()));
    }
    if links.iter().filter(|link| link.is_default).count() > 1 {
        return Err(LinksError::SeveralDefaults);
    }
    for (place, link) in links.iter().enumerate() {
        check_one(link).map_err(|(field, rule)| LinksError::Field {
            position: place + 1,
            field,
            rule: rule.to_owned(),
        })?;
    }
    Ok(())
}

fn check_one(link: &Link) -> Result<(), (&'static str, &'static str)> {
    let is_plain =
        |text: &str| text.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\".contains(&b));
    let host = link.href.strip_prefix("https://").or_else(|| link.href.strip_prefix("http://"));
    let has_host = host.is_some_and(|rest| {
        rest.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'[')
    });
    if !has_host || !is_plain(&link.href) || link.href.len() > HREF_BYTES_MAX {
        return Err((
            "href",
            "an `https://` or `http://` address of at most 2048 ASCII characters",
        ));
    }
    if link.title.trim().is_empty() || link.title.len() > TITLE_BYTES_MAX {
        return Err(("title", "a text of 1 to 200 bytes"));
    }
    if whole_type(&link.link_type).is_none() {
        return Err(("linkType", "`gs1:` and a word, or an absolute URI; not `all` or `linkset`"));
    }
    let is_language = |text: &String| {
        !text.is_empty()
            && text.len() <= 35
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if link.hreflang.len() > LANGUAGES_MAX || !link.hreflang.iter().all(is_language) {
        return Err(("hreflang", "at most 20 language tags such as `en` or `zh-CN`"));
    }
    let is_media = |text: &String| {
        text.len() <= TYPE_BYTES_MAX
            && text.split_once('/').is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty())
            && is_plain(text)
    };
    if !link.media_type.as_ref().is_none_or(is_media) {
        return Err(("type", "a media type such as `text/html`"));
    }
    Ok(())
}

/// A link type as a URI: `gs1:pip`, `pip` and GS1's addresses mean the same.
pub fn whole_type(text: &str) -> Option<String> {
    let is_word = |word: &str| {
        !word.is_empty() && word.len() <= 64 && word.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let gs1 = text.strip_prefix("gs1:").or_else(|| text.strip_prefix(VOCABULARY));
    let gs1 = gs1.or_else(|| text.strip_prefix(VOCABULARY_TODAY));
    match gs1 {
        Some(word) => is_word(word).then(|| format!("{VOCABULARY}{word}")),
        None if is_word(text) => {
            (!matches!(text, "all" | "linkset")).then(|| format!("{VOCABULARY}{text}"))
        }
        None => {
            let is_uri = text.split_once(':').is_some_and(|(scheme, rest)| {
                !scheme.is_empty()
                    && !rest.is_empty()
                    && scheme.bytes().all(|b| b.is_ascii_alphanumeric())
            });
            let holds =
                text.len() <= 512 && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"');
            (is_uri && holds).then(|| text.to_owned())
        }
    }
}

/// The paths under which links of a thing may be kept, the thing's own first, then what it is a part of:
/// `01/…/10/…`, `01/…`. An item's identifier does not name its lot, so the lot's links do not apply.
pub fn anchors(id: &str) -> Vec<String> {
    let Some(path) = id.strip_prefix(GS1) else { return Vec::new() };
    let segments: Vec<&str> = path.split('/').collect();
    let lengths = (1..=segments.len() / 2).rev();
    lengths.map(|pairs| segments[..2 * pairs].join("/")).collect()
}

/// The link that fits a wish best; none where there is no link of that type. Among links of the type the
/// best language counts first, then the best media type, then the order in which they are kept.
pub fn choose<'a>(links: &'a [Link], wish: &Wish) -> Option<&'a Link> {
    let Some(wanted) = &wish.link_type else {
        let by_default = links.iter().find(|link| link.is_default)?;
        // The default in another language is a link of the same type.
        let same = whole_type(&by_default.link_type)?;
        let best = of_type(links, &same).min_by_key(|link| rank(link, wish));
        return best.filter(|best| rank(best, wish) < rank(by_default, wish)).or(Some(by_default));
    };
    let wanted = whole_type(wanted)?;
    if wanted == format!("{VOCABULARY}defaultLink") {
        return choose(links, &Wish { link_type: None, ..wish.clone() });
    }
    of_type(links, &wanted).min_by_key(|link| rank(link, wish))
}

fn of_type<'a>(links: &'a [Link], wanted: &str) -> impl Iterator<Item = &'a Link> {
    links.iter().filter(move |link| whole_type(&link.link_type).as_deref() == Some(wanted))
}

/// How far from the wish a link is: by language, then by media type.
fn rank(link: &Link, wish: &Wish) -> (usize, usize) {
    let far = usize::MAX;
    let base = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let language = wish.languages.iter().position(|wanted| {
        link.hreflang
            .iter()
            .any(|own| own.eq_ignore_ascii_case(wanted) || base(own) == base(wanted))
    });
    let language = if link.hreflang.is_empty() { Some(wish.languages.len()) } else { language };
    let own = link.media_type.as_deref().unwrap_or("text/html");
    let media = wish.media_types.iter().position(|wanted| {
        wanted == "*/*"
            || wanted == own
            || wanted.strip_suffix("/*").is_some_and(|kind| own.starts_with(kind))
    });
    (language.unwrap_or(far), media.unwrap_or(far))
}

/// The linkset of a thing. `anchor` is its address at this resolver.
pub fn linkset(anchor: &str, description: &str, links: &[Link]) -> Value {
    let target = |link: &Link| {
        let mut target = json!({ "href": link.href, "title": link.title });
        if !link.hreflang.is_empty() {
            target["hreflang"] = json!(link.hreflang);
        }
        if let Some(media_type) = &link.media_type {
            target["type"] = json!(media_type);
        }
        target
    };
    let mut by_type: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for link in links {
        if let Some(whole) = whole_type(&link.link_type) {
            by_type.entry(whole).or_default().push(target(link));
        }
        if link.is_default {
            by_type.entry(format!("{VOCABULARY}defaultLink")).or_default().push(target(link));
        }
    }
    let mut context = Map::new();
    context.insert("anchor".into(), json!(anchor));
    context.insert("itemDescription".into(), json!(description));
    context.extend(by_type.into_iter().map(|(name, targets)| (name, json!(targets))));
    json!({ "linkset": [context] })
}

/// The links as the value of a `Link` header (RFC 8288).
pub fn header(links: &[Link]) -> String {
    let parts = links.iter().filter_map(|link| {
        let title: String =
            link.title.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
        let title = title.replace(['"', '\\'], "");
        let mut part =
            format!("<{}>; rel=\"{}\"; title=\"{title}\"", link.href, whole_type(&link.link_type)?);
        for language in &link.hreflang {
            part.push_str(&format!("; hreflang=\"{language}\""));
        }
        if let Some(media_type) = &link.media_type {
            part.push_str(&format!("; type=\"{media_type}\""));
        }
        Some(part)
    });
    parts.collect::<Vec<_>>().join(", ")
}
