//! What the events say about one thing, and from it: when it was inside what. Pure.

/// Milliseconds since the Unix epoch and the number of the event: the order in which things
/// happened, where the clock alone does not decide.
pub(crate) type Moment = (i64, i64);

/// A closed span of time in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Window {
    pub(crate) from: i64,
    pub(crate) until: i64,
}

/// The part that a thing plays in an event; the numbers are those of the table `items`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Object,
    Parent,
    Child,
    Input,
    Output,
    /// A parent whose whole content is taken out.
    Emptied,
}

/// How an event holds its child to its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Hold {
    /// Aggregation: the child is inside the parent.
    Packed,
    /// Association: the child is fixed to the parent.
    Fixed,
}

/// The kind of an event, as far as the walk distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Hold(Hold),
    Transaction,
    Transformation,
}

/// What an event does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Add,
    Observe,
    Delete,
    /// Transformations have no action.
    None,
}

/// One thing in one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) event: i64,
    pub(crate) time: i64,
    pub(crate) part: Part,
    pub(crate) kind: Kind,
    pub(crate) deed: Deed,
    pub(crate) parent: Option<i64>,
    pub(crate) transformation: Option<i64>,
    /// Thousandths of a millionth; `None` where the event does not say.
    pub(crate) amount: Option<i128>,
    /// Its life begins or ends here: created, deleted, sold, destroyed.
    pub(crate) is_turn: bool,
    pub(crate) place: Whereabouts,
}

/// What an event says about where its things are and who says so; numbers of `names`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Whereabouts {
    pub(crate) step: Option<i64>,
    pub(crate) disposition: Option<i64>,
    pub(crate) read_point: Option<i64>,
    pub(crate) biz_location: Option<i64>,
    pub(crate) party: i64,
}

/// What the events say about one thing, except where it was merely seen and what was put into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Life {
    /// In the order in which it happened, without withdrawn events.
    pub(crate) mentions: Vec<Mention>,
    /// Events that their party declared wrong.
    pub(crate) withdrawn: Vec<i64>,
    /// A lot or another class; it can be in several places at once.
    pub(crate) is_class: bool,
}

/// A time that a thing spent inside, or fixed to, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stay {
    pub(crate) parent: i64,
    pub(crate) hold: Hold,
    pub(crate) from: i64,
    /// `None` while it lasts.
    pub(crate) until: Option<i64>,
    /// The event that began it.
    pub(crate) event: i64,
}

struct OpenStay {
    stay: Stay,
    amount: Option<i128>,
    /// When the parent lets go of everything.
    limit: Option<Moment>,
}

impl Window {
    /// All of time.
    pub(crate) const ALWAYS: Self = Self { from: i64::MIN, until: i64::MAX };

    pub(crate) fn contains(self, time: i64) -> bool {
        self.from <= time && time <= self.until
    }

    /// The part that both cover.
    pub(crate) fn meet(self, other: Self) -> Option<Self> {
        let from = self.from.max(other.from);
        let until = self.until.min(other.until);
        (from <= until).then_some(Self { from, until })
    }
}

impl Mention {
    pub(crate) fn moment(&self) -> Moment {
        (self.time, self.event)
    }

    /// The step after which the thing is out of the trade, without being deleted.
    fn is_last_step(&self) -> bool {
        self.is_turn && self.deed == Deed::Observe
    }

    fn is_birth(&self) -> bool {
        matches!(
            (self.part, self.kind, self.deed),
            (Part::Object, Kind::Object, Deed::Add) | (Part::Output, ..)
        )
    }

    fn is_death(&self) -> bool {
        matches!(
            (self.part, self.kind, self.deed),
            (Part::Object, Kind::Object, Deed::Delete) | (Part::Input, ..)
        )
    }
}

impl Stay {
    /// The part of a window in which it lasts. A stay that ends when the window begins, or begins
    /// when the window ends, only touches it: moved from one box to another at one instant, a
    /// thing was never in both.
    pub(crate) fn within(&self, window: Window) -> Option<Window> {
        let whole = Window { from: self.from, until: self.until.unwrap_or(i64::MAX) };
        let both_last = whole.from < whole.until && window.from < window.until;
        let touches = both_last && (whole.until == window.from || whole.from == window.until);
        whole.meet(window).filter(|_| !touches)
    }
}

impl Life {
    /// Brings the mentions into the order in which they happened.
    pub(crate) fn sorted(mut self) -> Self {
        self.mentions.sort_by_key(|mention| (mention.moment(), mention.part));
        self
    }

    /// When an identifier is given to another thing: every birth but the first. A birth that
    /// follows one of the other kind at once (produced, then commissioned) repeats it.
    fn renewals(&self) -> impl Iterator<Item = &Mention> {
        let births = self.mentions.iter().enumerate().filter(|(_, mention)| mention.is_birth());
        births.skip(1).filter_map(|(nth, birth)| {
            let before = &self.mentions[nth - 1];
            let repeats = before.is_birth() && before.part != birth.part;
            (!repeats).then_some(birth)
        })
    }

    /// The life that lasts at `time`, for a thing that exists once: identifiers are used again.
    pub(crate) fn span_at(&self, time: i64) -> Window {
        if self.is_class {
            return Window::ALWAYS;
        }
        let mut span = Window::ALWAYS;
        for renewal in self.renewals() {
            if renewal.time <= time {
                span.from = renewal.time;
            } else {
                span.until = span.until.min(renewal.time - 1);
            }
        }
        for death in self.mentions.iter().filter(|mention| mention.is_death()) {
            if death.time >= time {
                span.until = span.until.min(death.time);
            }
        }
        span
    }

    /// The time in which it held what it held at `time`: between two moments of letting go.
    pub(crate) fn fill_at(&self, time: i64) -> Window {
        let mut span = self.span_at(time);
        if self.is_class {
            return span;
        }
        for (release, _) in self.releases(Hold::Packed) {
            if release < time {
                span.from = span.from.max(release + 1);
            } else if release > time {
                span.until = span.until.min(release);
            }
        }
        span
    }

    /// When it lets go of everything it holds, in order.
    fn releases(&self, hold: Hold) -> Vec<Moment> {
        let mut releases: Vec<Moment> = self
            .mentions
            .iter()
            .filter(|mention| {
                let emptied = mention.part == Part::Emptied && mention.kind == Kind::Hold(hold);
                emptied || (mention.is_death() && !self.is_class)
            })
            .map(Mention::moment)
            .collect();
        // What was put in at the very time of the renewal belongs to the new life.
        releases.extend(self.renewals().map(|mention| (mention.time - 1, i64::MAX)));
        releases.sort_unstable();
        releases
    }

    /// The latest moment before `time` at which it held nothing.
    pub(crate) fn last_release(&self, time: i64) -> Option<i64> {
        let all = [Hold::Packed, Hold::Fixed].map(|hold| {
            let releases = self.releases(hold);
            releases.into_iter().map(|(at, _)| at).filter(|at| *at < time).max()
        });
        // A window must not begin before both kinds were let go.
        match all {
            [Some(packed), Some(fixed)] => Some(packed.min(fixed)),
            _ => None,
        }
    }

    /// When it was inside or fixed to what. `parent_of` gives the lives of its parents.
    pub(crate) fn stays<'a>(&self, parent_of: impl Fn(i64) -> Option<&'a Life>) -> Vec<Stay> {
        let mut open: Vec<OpenStay> = Vec::new();
        let mut closed: Vec<Stay> = Vec::new();
        for mention in &self.mentions {
            let now = mention.moment();
            close(&mut open, &mut closed, |stay| {
                stay.limit.filter(|limit| *limit < now).map(|(time, _)| time)
            });
            match (mention.part, mention.kind) {
                (Part::Child, Kind::Hold(hold)) => {
                    self.hold(mention, hold, &mut open, &mut closed, &parent_of);
                }
                _ if self.is_class => {}
                _ if mention.is_death() || mention.is_last_step() => {
                    close(&mut open, &mut closed, |_| Some(mention.time));
                }
                _ if mention.is_birth() => {
                    close(&mut open, &mut closed, |stay| {
                        (stay.stay.from < mention.time).then_some(mention.time)
                    });
                }
                _ => {}
            }
        }
        closed.extend(
            open.into_iter()
                .map(|stay| Stay { until: stay.limit.map(|(time, _)| time), ..stay.stay }),
        );
        closed.sort_by_key(|stay| (stay.from, stay.event, stay.parent));
        closed
    }

    fn hold<'a>(
        &self,
        mention: &Mention,
        hold: Hold,
        open: &mut Vec<OpenStay>,
        closed: &mut Vec<Stay>,
        parent_of: &impl Fn(i64) -> Option<&'a Life>,
    ) {
        let Some(parent) = mention.parent else { return };
        let time = mention.time;
        let begun = Stay { parent, hold, from: time, until: None, event: mention.event };
        let same = |stay: &OpenStay| stay.stay.parent == parent && stay.stay.hold == hold;
        let found = open.iter_mut().find(|stay| same(stay));
        match (mention.deed, found) {
            (Deed::Delete, Some(stay)) => {
                let rest = stay.amount.zip(mention.amount).map(|(had, out)| had - out);
                match rest {
                    Some(rest) if self.is_class && rest > 0 => stay.amount = Some(rest),
                    _ => close(open, closed, |stay| same(stay).then_some(time)),
                }
            }
            // Taken out, but nobody recorded that it went in.
            (Deed::Delete, None) => closed.push(Stay { until: Some(time), ..begun }),
            (Deed::Add, Some(stay)) => {
                stay.amount = stay.amount.zip(mention.amount).map(|(had, more)| had + more);
            }
            (_, Some(_)) => {}
            (_, None) => {
                // A single thing is inside one other at a time.
                if !self.is_class && hold == Hold::Packed {
                    close(open, closed, |stay| (stay.stay.hold == hold).then_some(time));
                }
                let releases = parent_of(parent).map(|life| life.releases(hold));
                let limit = releases
                    .and_then(|all| all.into_iter().find(|release| *release > mention.moment()));
                open.push(OpenStay { stay: begun, amount: mention.amount, limit });
            }
        }
    }
}

/// Ends the open stays for which `end` gives a time.
fn close(open: &mut Vec<OpenStay>, closed: &mut Vec<Stay>, end: impl Fn(&OpenStay) -> Option<i64>) {
    open.retain(|stay| match end(stay) {
        Some(time) => {
            closed.push(Stay { until: Some(time), ..stay.stay });
            false
        }
        None => true,
    });
}

/// Which spans of time were walked already.
#[derive(Debug, Clone, Default)]
pub(crate) struct WindowSet {
    /// Disjoint, sorted.
    windows: Vec<Window>,
}

impl WindowSet {
    /// Adds a window and gives the parts of it that are new.
    pub(crate) fn add(&mut self, window: Window) -> Vec<Window> {
        let fresh = self.without(vec![window]);
        self.windows.extend(&fresh);
        self.windows.sort_unstable();
        let mut merged: Vec<Window> = Vec::with_capacity(self.windows.len());
        for window in self.windows.drain(..) {
            match merged.last_mut() {
                Some(last) if last.until.saturating_add(1) >= window.from => {
                    last.until = last.until.max(window.until);
                }
                _ => merged.push(window),
            }
        }
        self.windows = merged;
        fresh
    }

    /// The parts of some windows that are not in the set.
    pub(crate) fn without(&self, mut rest: Vec<Window>) -> Vec<Window> {
        for known in &self.windows {
            rest = rest.into_iter().flat_map(|window| subtract(window, *known)).collect();
        }
        rest
    }
}

fn subtract(window: Window, known: Window) -> impl Iterator<Item = Window> {
    let parts = if window.meet(known).is_none() {
        [Some(window), None]
    } else {
        let left =
            (window.from < known.from).then(|| Window { from: window.from, until: known.from - 1 });
        let right = (window.until > known.until)
            .then(|| Window { from: known.until + 1, until: window.until });
        [left, right]
    };
    parts.into_iter().flatten()
}

/// A decimal number in thousandths of a millionth; `None` if it does not fit.
pub(crate) fn amount_from(text: &str) -> Option<i128> {
    const DECIMALS: usize = 9;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > DECIMALS || !all_digits(whole) || !all_digits(fraction)
    {
        return None;
    }
    let padded = format!("{whole}{fraction:0<DECIMALS$}");
    padded.parse().ok()
}
