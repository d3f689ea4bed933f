//! A GS1 Digital Link resolver (ISO/IEC 18975): which link somebody means, and the set of all links.

use axum::{
    Json,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use qiao_api::goods::{self, PRIMARY_KEYS};
use qiao_epcis::Identifier;
use qiao_goods::{
    GS1,
    journey::Names,
    links::{self, Link, VOCABULARY, Wish},
};
use serde_json::json;

use crate::{
    console::{Console, Trouble},
    forms::Fields,
};

/// The media type of linksets (RFC 9264).
const LINKSET: &str = "application/linkset+json";

/// The type of the link to this node's own page.
const OWN: &str = "gs1:traceability";

/// What somebody asks of a thing.
pub(super) struct Asked {
    /// The thing.
    pub(super) id: Identifier,
    /// The path of the Digital Link as it was asked for.
    pub(super) path: String,
    /// Where this resolver is: `https://id.example.com`.
    pub(super) root: String,
    /// Whether data for programs is wanted rather than a page.
    pub(super) is_json: bool,
    /// Links that are kept of the thing, and the one to this page.
    pub(super) links: Vec<Link>,
    wish: Wish,
    /// What else the query says, passed on to where the link leads.
    rest: Vec<(String, String)>,
    wants_linkset: bool,
}

/// Where a question leads.
pub(super) enum Target {
    /// The set of all links.
    Linkset(Response),
    /// Another address.
    Elsewhere(Response),
    /// The page here.
    Own,
}

impl Asked {
    /// Reads a question.
    pub(super) fn read(console: &Console, uri: &Uri, headers: &HeaderMap) -> Result<Self, Trouble> {
        let path = uri.path().trim_end_matches('/');
        let written = format!("{}{}", GS1.trim_end_matches('/'), path);
        let id = Identifier::parse(&written).map_err(|error| {
            Trouble::Unclear(format!("“{path}” is no GS1 Digital Link: {error}."))
        })?;
        if !id.is_gs1_key() {
            return Err(Trouble::Unclear(format!("“{path}” is no GS1 Digital Link.")));
        }
        let mut rest = Fields::read(uri.query().unwrap_or_default()).into_pairs();
        let mut link_type = None;
        rest.retain(|(name, value)| {
            let is_type = name.eq_ignore_ascii_case("linktype");
            if is_type {
                link_type = Some(value.clone()).filter(|value| !value.is_empty());
            }
            !is_type
        });
        let media_types = preferences(headers, &header::ACCEPT);
        let first = media_types.first().map(String::as_str);
        let is_all = matches!(link_type.as_deref(), Some("all" | "linkset"));
        let wants_linkset = is_all || first == Some(LINKSET);
        let is_json = matches!(first, Some("application/json" | "application/ld+json"));
        let root = root(console, headers);
        let mut links = goods::links_of(&*console.chain, id.as_str());
        links.extend(own_links(console, &root, id.as_str()));
        let languages = preferences(headers, &header::ACCEPT_LANGUAGE);
        let wish = Wish { link_type, languages, media_types };
        let path = path.to_owned();
        Ok(Self { id, path, root, is_json, links, wish, rest, wants_linkset })
    }

    /// Where it leads.
    pub(super) fn target(&self, console: &Console) -> Result<Target, Trouble> {
        if self.wants_linkset {
            return Ok(Target::Linkset(self.linkset(console)));
        }
        if let Some(path) = self.narrowed() {
            return Ok(Target::Elsewhere(redirect(StatusCode::SEE_OTHER, &path)));
        }
        let chosen = links::choose(&self.links, &self.wish);
        let Some(link) = chosen else {
            let Some(wanted) = &self.wish.link_type else { return Ok(Target::Own) };
            let text = format!("There is no link of the type “{wanted}” here.");
            return Err(Trouble::Missing(text));
        };
        if link.href.starts_with(&format!("{}/", self.root)) && link.link_type == OWN {
            return Ok(Target::Own);
        }
        let mut href = link.href.clone();
        for (name, value) in &self.rest {
            let sign = if href.contains('?') { '&' } else { '?' };
            let encoded = crate::pages::search::encoded;
            href.push_str(&format!("{sign}{}={}", encoded(name), encoded(value)));
        }
        let mut response = redirect(StatusCode::TEMPORARY_REDIRECT, &href);
        self.name_links(response.headers_mut());
        Ok(Target::Elsewhere(response))
    }

    /// The header that leads to the links.
    pub(super) fn name_links(&self, headers: &mut HeaderMap) {
        let set = format!(
            "<{}{}?linkType=linkset>; rel=\"linkset\"; type=\"{LINKSET}\"",
            self.root, self.path
        );
        let all = [set, links::header(&self.links)].join(", ");
        if let Ok(value) = HeaderValue::from_str(&all) {
            headers.insert(header::LINK, value);
        }
    }

    fn linkset(&self, console: &Console) -> Response {
        let anchor = format!("{}{}", self.root, self.path);
        let description = match console.settings.names {
            Names::Told => console.labels.line(self.id.as_str()),
            Names::Hidden => self.path.clone(),
        };
        let set = links::linkset(&anchor, &description, &self.links);
        let mut response = Json(set).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(LINKSET));
        self.name_links(response.headers_mut());
        response
    }

    /// The path of the lot or item that the form on a product's page asks for.
    fn narrowed(&self) -> Option<String> {
        let value = |name: &str| {
            let found = self.rest.iter().find(|(field, _)| field == name);
            found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
        };
        let encoded = crate::pages::search::encoded;
        let (ai, value) = match (value("lot"), value("serial")) {
            (_, Some(serial)) => ("21", serial),
            (Some(lot), None) => ("10", lot),
            _ => return None,
        };
        let is_product = self.id.as_str().strip_prefix(GS1)?.split('/').count() == 2;
        is_product.then(|| format!("{}/{ai}/{}", self.path, encoded(value)))
    }
}

/// The links to what this node itself tells.
fn own_links(console: &Console, root: &str, id: &str) -> Vec<Link> {
    let Some(path) = id.strip_prefix(GS1) else { return Vec::new() };
    let link = |media_type: &str| Link {
        href: format!("{root}/{path}?linkType=gs1:traceability"),
        link_type: OWN.to_owned(),
        title: format!("Journey on {}", console.status().network),
        hreflang: vec!["en".to_owned()],
        media_type: Some(media_type.to_owned()),
        is_default: false,
    };
    vec![link("text/html"), link("application/json")]
}

fn redirect(code: StatusCode, to: &str) -> Response {
    let mut response = code.into_response();
    if let Ok(value) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// Where this resolver is, as it is configured or as it was called.
fn root(console: &Console, headers: &HeaderMap) -> String {
    if let Some(root) = &console.settings.public_url {
        return root.trim_end_matches('/').to_owned();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    format!("http://{}", host.unwrap_or("localhost"))
}

/// What a header asks for, best first; what has quality 0 is left out.
fn preferences(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    const ASKED_MAX: usize = 32;
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let parts = values.flat_map(|value| value.split(',')).take(ASKED_MAX);
    let mut ranked: Vec<(u32, String)> = parts
        .filter_map(|part| {
            let mut fields = part.split(';').map(str::trim);
            let name = fields.next().filter(|name| !name.is_empty())?.to_ascii_lowercase();
            let quality = fields.find_map(|field| field.strip_prefix("q="));
            let quality: f32 = quality.map_or(Some(1.0), |text| text.parse().ok())?;
            (quality > 0.0).then_some(((quality.min(1.0) * 1000.0) as u32, name))
        })
        .collect();
    // The sort is stable: of equal ones the first counts.
    ranked.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
    ranked.into_iter().map(|(_, name)| name).collect()
}

/// `OPTIONS`: what may be asked.
pub(super) fn discover() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, HEAD, OPTIONS"),
    );
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Accept"));
    open_to_all(headers);
    response
}

/// Pages of any site may ask a resolver.
pub(super) fn open_to_all(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Link"));
    headers.append(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
}

/// What this resolver is, in the form of GS1's resolver description file.
pub(super) fn description(console: &Console, headers: &HeaderMap) -> Response {
    let description = json!({
        "name": format!("Resolver of {}", console.status().network),
        "resolverRoot": root(console, headers),
        "supportedPrimaryKeys": PRIMARY_KEYS,
        "supportedLinkType": [{ "namespace": VOCABULARY, "prefix": "gs1:" }],
        "linkTypeDefaultCanBeLinkset": false,
        "validatesAIs": true,
    });
    Json(description).into_response()
}
