//! Places in an event: JSON pointers (RFC 6901).

use qiao_epcis::{Json, Object};

/// Where a value stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(Vec<String>);

impl Place {
    /// A field of the event.
    pub(crate) fn top(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }

    /// A field, or an element, of what stands here.
    pub(crate) fn inside(&self, step: &str) -> Self {
        let mut steps = self.0.clone();
        steps.push(step.to_owned());
        Self(steps)
    }

    /// Its text: `/quantityList/0/quantity`.
    pub(crate) fn pointer(&self) -> String {
        self.0
            .iter()
            .map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1")))
            .collect()
    }

    /// The place with this text.
    pub(crate) fn parse(pointer: &str) -> Option<Self> {
        let steps = pointer.strip_prefix('/')?.split('/');
        Some(Self(steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect()))
    }

    /// Takes out what stands here. Places inside of lists keep their numbers: only fields are taken.
    pub(crate) fn take(&self, body: &mut Object) -> Option<Json> {
        let (last, path) = self.0.split_last()?;
        parent(body, path)?.remove(last)
    }

    /// Puts a value here, where there is none yet.
    pub(crate) fn put(&self, body: &mut Object, value: Json) -> Option<()> {
        let (last, path) = self.0.split_last()?;
        let parent = parent(body, path)?;
        if parent.get(last).is_some() {
            return None;
        }
        parent.push(last.clone(), value);
        Some(())
    }
}

/// The object at the end of a path.
fn parent<'a>(body: &'a mut Object, path: &[String]) -> Option<&'a mut Object> {
    let Some((first, rest)) = path.split_first() else { return Some(body) };
    let mut value = body.get_mut(first)?;
    for step in rest {
        value = match value {
            Json::Object(object) => object.get_mut(step)?,
            Json::Array(items) => items.get_mut(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    match value {
        Json::Object(object) => Some(object),
        _ => None,
    }
}
