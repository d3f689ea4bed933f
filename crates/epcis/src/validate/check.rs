//! Collects what is wrong, and knows where in the document the reader is.

use crate::context::Prefixes;
use crate::json::{Json, Object};
use crate::limits::Limits;
use crate::problem::Problem;
use crate::uri::excerpt;
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

/// The state of validating one document.
pub(crate) struct Check<'a> {
    limits: &'a Limits,
    problems: Vec<Problem>,
    event: Option<usize>,
    path: String,
    prefixes: Arc<Prefixes>,
}

impl<'a> Check<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            problems: Vec::new(),
            event: None,
            path: String::new(),
            prefixes: Arc::default(),
        }
    }

    /// Sets the prefixes that are in force from here on.
    pub(crate) fn set_prefixes(&mut self, prefixes: &Arc<Prefixes>) {
        self.prefixes = prefixes.clone();
    }

    /// The prefixes that are in force.
    pub(crate) fn prefixes(&self) -> &Prefixes {
        &self.prefixes
    }

    /// A value with its prefix written out.
    pub(crate) fn expand<'b>(&self, text: &'b str) -> Cow<'b, str> {
        self.prefixes.expand(text)
    }

    /// The problems found: an error if there are any, unless the valid events are wanted all the same,
    /// the document itself is sound, and no event was left unread.
    pub(crate) fn finish(self) -> Result<Vec<Problem>, Vec<Problem>> {
        let is_of_events = self.problems.iter().all(|problem| problem.event.is_some());
        let is_taken = self.limits.takes_valid && is_of_events && !self.is_full();
        if self.problems.is_empty() || is_taken { Ok(self.problems) } else { Err(self.problems) }
    }

    /// How many problems were found so far.
    pub(crate) fn count(&self) -> usize {
        self.problems.len()
    }

    /// Whether no further problem would be kept.
    pub(crate) fn is_full(&self) -> bool {
        self.problems.len() >= self.limits.problems_max.max(1)
    }

    pub(crate) fn enter_event(&mut self, index: usize, list: &str) {
        self.event = Some(index);
        self.path = format!("{list}[{index}]");
    }

    pub(crate) fn leave_event(&mut self) {
        self.event = None;
        self.path.clear();
    }

    /// Notes a problem with the current field.
    pub(crate) fn problem(&mut self, code: &'static str, rule: impl Into<String>) {
        if !self.is_full() {
            let field = self.path.clone();
            self.problems.push(Problem { event: self.event, field, code, rule: rule.into() });
        }
    }

    /// Notes that a required field is absent.
    pub(crate) fn missing(&mut self, field: &str, rule: impl Into<String>) {
        self.at(field, |check| check.problem("epcis.missing_field", rule));
    }

    /// Looks at a field. A long name is cut, so that a path stays short.
    pub(crate) fn at(&mut self, field: &str, look: impl FnOnce(&mut Self)) {
        let length = self.enter(field);
        look(self);
        self.leave(length);
    }

    /// Goes into a field; [`Check::leave`] takes what this returns.
    pub(crate) fn enter(&mut self, field: &str) -> usize {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(excerpt(field));
        length
    }

    /// Goes into an element of an array.
    pub(crate) fn enter_index(&mut self, index: usize) -> usize {
        let length = self.path.len();
        write!(self.path, "[{index}]").expect("writing to a string does not fail");
        length
    }

    /// Goes back to where [`Check::enter`] was called.
    pub(crate) fn leave(&mut self, length: usize) {
        self.path.truncate(length);
    }

    /// Looks at each element of an array.
    pub(crate) fn each(&mut self, items: &[Json], mut look: impl FnMut(&mut Self, &Json)) {
        for (index, item) in items.iter().enumerate() {
            if self.is_full() {
                return;
            }
            let length = self.enter_index(index);
            look(self, item);
            self.leave(length);
        }
    }

    pub(crate) fn wrong_type(&mut self, expected: &str, value: &Json) {
        self.problem("epcis.wrong_type", format!("{expected} was expected, not {}", value.kind()));
    }

    pub(crate) fn as_object<'b>(&mut self, value: &'b Json) -> Option<&'b Object> {
        if value.as_object().is_none() {
            self.wrong_type("an object", value);
        }
        value.as_object()
    }

    pub(crate) fn as_array<'b>(&mut self, value: &'b Json) -> Option<&'b [Json]> {
        if value.as_array().is_none() {
            self.wrong_type("an array", value);
        }
        value.as_array()
    }

    pub(crate) fn as_str<'b>(&mut self, value: &'b Json) -> Option<&'b str> {
        if value.as_str().is_none() {
            self.wrong_type("a string", value);
        }
        value.as_str()
    }
}
