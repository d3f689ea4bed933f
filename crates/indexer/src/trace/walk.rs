//! The closure: wave by wave from the root, each thing in the windows of time in which it matters.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use qiao_epcis::Identifier;

use super::life::{Hold, Life, Part, Stay, Window, WindowSet};
use super::load::{ContentQuery, Listed, Loader, SightingQuery};
use super::words::kind_of;
use super::{Direction, NodeRole, Relation, ThingKind, TraceLimits};
use crate::IndexError;
use crate::database::Connection;

/// What a walk found; numbers are those of `names` and `events`.
pub(super) struct Walk<'a> {
    pub(super) loader: Loader<'a>,
    pub(super) limits: TraceLimits,
    /// `None` where no event names the root.
    pub(super) root: Option<i64>,
    /// In the order in which they were reached.
    pub(super) nodes: Vec<i64>,
    pub(super) reached: HashMap<i64, Reached>,
    pub(super) links: BTreeMap<Link, (i64, Option<i64>)>,
    /// The events, and the things of the trace that each is about.
    pub(super) steps: BTreeMap<i64, BTreeSet<i64>>,
    pub(super) lives: HashMap<i64, Arc<Life>>,
    pub(super) stays: HashMap<i64, Arc<[Stay]>>,
    pub(super) names: HashMap<i64, String>,
    pub(super) truncated: bool,
}

/// How a thing was reached.
pub(super) struct Reached {
    pub(super) depth: u32,
    pub(super) roles: BTreeSet<NodeRole>,
}

/// A link, without its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) relation: Relation,
    pub(super) event: i64,
}

/// Why a thing is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Reason {
    /// It is the root, went into it, or came from it: its content matters too.
    Whole,
    /// It carries such a thing: where it goes matters, what else it carries does not.
    Carrier,
}

/// A thing to look at, in a window of time.
#[derive(Debug, Clone, Copy)]
struct Visit {
    thing: i64,
    window: Window,
    reason: Reason,
    /// When what is inside it matters, too.
    content: Option<Window>,
}

/// A child to look at if it was inside the parent in the window.
#[derive(Debug, Clone, Copy)]
struct Content {
    child: i64,
    parent: i64,
    window: Window,
}

/// A transformation that something of the trace went through.
#[derive(Debug, Clone, Copy)]
struct Change {
    thing: i64,
    event: i64,
    time: i64,
    transformation: Option<i64>,
}

/// What a wave leaves for the next.
#[derive(Default)]
struct Wave {
    visits: Vec<Visit>,
    contents: Vec<Content>,
}

/// What the visits of one wave ask of the database.
#[derive(Default)]
struct Questions {
    sightings: Vec<SightingQuery>,
    contents: Vec<(ContentQuery, Window)>,
    changes: Vec<Change>,
}

/// One way of the walk.
struct Way {
    forward: bool,
    covered: HashMap<(i64, Reason), WindowSet>,
    contents: HashMap<i64, WindowSet>,
}

/// Walks from the root.
pub(super) async fn walk<'a>(
    connection: &'a mut Connection,
    root: &Identifier,
    direction: Direction,
    limits: &TraceLimits,
) -> Result<Walk<'a>, IndexError> {
    let mut loader = Loader::new(connection, limits.rows_max);
    let number = loader.number(root.as_str()).await?;
    let mut walk = Walk {
        loader,
        limits: *limits,
        root: number,
        nodes: Vec::new(),
        reached: HashMap::new(),
        links: BTreeMap::new(),
        steps: BTreeMap::new(),
        lives: HashMap::new(),
        stays: HashMap::new(),
        names: HashMap::new(),
        truncated: false,
    };
    let Some(number) = number else { return Ok(walk) };
    walk.reach(number, NodeRole::Root, 0);
    let ways: &[bool] = match direction {
        Direction::Back => &[false],
        Direction::Forward => &[true],
        Direction::Both => &[false, true],
    };
    for forward in ways {
        walk.go(number, *forward).await?;
    }
    walk.truncated |= walk.loader.truncated;
    Ok(walk)
}

impl Walk<'_> {
    async fn go(&mut self, root: i64, forward: bool) -> Result<(), IndexError> {
        let mut way = Way { forward, covered: HashMap::new(), contents: HashMap::new() };
        let always = Window::ALWAYS;
        let start =
            Visit { thing: root, window: always, reason: Reason::Whole, content: Some(always) };
        let mut wave = Wave { visits: vec![start], contents: Vec::new() };
        let mut depth = 0;
        while !wave.visits.is_empty() || !wave.contents.is_empty() {
            if depth > self.limits.depth_max {
                self.truncated = true;
                break;
            }
            self.load(&wave).await?;
            self.unpack(&mut wave, &way, depth);
            depth += 1;
            let mut next = Wave::default();
            let mut questions = Questions::default();
            for visit in std::mem::take(&mut wave.visits) {
                self.visit(visit, &mut way, depth, &mut next, &mut questions);
            }
            for (event, thing) in self.loader.sightings(&questions.sightings).await? {
                self.step(event, thing);
            }
            self.answer_contents(&questions.contents, &mut next).await?;
            self.answer_changes(&questions.changes, &way, depth, &mut next).await?;
            wave = next;
        }
        Ok(())
    }

    /// Reads the lives of what the wave looks at, and of what that was ever inside.
    async fn load(&mut self, wave: &Wave) -> Result<(), IndexError> {
        let visited = wave.visits.iter().map(|visit| visit.thing);
        let things: Vec<i64> =
            visited.chain(wave.contents.iter().map(|content| content.child)).collect();
        self.load_with_parents(&things).await
    }

    /// Reads lives, and computes the stays from them.
    pub(super) async fn load_with_parents(&mut self, things: &[i64]) -> Result<(), IndexError> {
        self.load_lives(things.iter().copied()).await?;
        let parents: Vec<i64> = things
            .iter()
            .flat_map(|thing| &self.lives[thing].mentions)
            .filter(|mention| mention.part == Part::Child)
            .filter_map(|mention| mention.parent)
            .collect();
        self.load_lives(parents.into_iter()).await?;
        for thing in things {
            if !self.stays.contains_key(thing) {
                let parent_of = |parent: i64| self.lives.get(&parent).map(Arc::as_ref);
                let stays = self.lives[thing].stays(parent_of);
                self.stays.insert(*thing, stays.into());
            }
        }
        Ok(())
    }

    async fn load_lives(&mut self, things: impl Iterator<Item = i64>) -> Result<(), IndexError> {
        let wanted: BTreeSet<i64> =
            things.filter(|thing| !self.lives.contains_key(thing)).collect();
        let wanted: Vec<i64> = wanted.into_iter().collect();
        if !wanted.is_empty() {
            let lives = self.loader.lives(&wanted).await?;
            self.lives.extend(lives.into_iter().map(|(id, life)| (id, Arc::new(life))));
        }
        Ok(())
    }

    /// Turns children that really were inside their parents in the window into visits.
    fn unpack(&mut self, wave: &mut Wave, way: &Way, depth: u32) {
        for content in std::mem::take(&mut wave.contents) {
            let stays = self.stays[&content.child].clone();
            for stay in stays.iter().filter(|stay| stay.parent == content.parent) {
                let Some(inside) = stay.within(content.window) else { continue };
                let at = if way.forward { inside.from } else { inside.until };
                let fill = self.lives[&content.child].fill_at(at);
                // It matters while it is inside, and until it is emptied; what is inside it
                // matters only while it is inside.
                let window = if way.forward {
                    Window { from: inside.from, until: inside.until.max(fill.until) }
                } else {
                    Window { from: inside.from.min(fill.from), until: inside.until }
                };
                if self.reach(content.child, way.role(), depth) {
                    self.link_stay(content.child, stay);
                    wave.visits.push(Visit {
                        thing: content.child,
                        window,
                        reason: Reason::Whole,
                        content: Some(inside),
                    });
                }
            }
        }
    }

    fn visit(
        &mut self,
        visit: Visit,
        way: &mut Way,
        depth: u32,
        next: &mut Wave,
        questions: &mut Questions,
    ) {
        let life = self.lives[&visit.thing].clone();
        let stays = self.stays[&visit.thing].clone();
        for window in way.cover(visit) {
            let mentions = life.mentions.iter().filter(|mention| window.contains(mention.time));
            for mention in mentions {
                let change = Change {
                    thing: visit.thing,
                    event: mention.event,
                    time: mention.time,
                    transformation: mention.transformation,
                };
                match (mention.part, way.forward) {
                    (Part::Input, true) | (Part::Output, false) => questions.changes.push(change),
                    // What else it was used for, or made from, is not on this way.
                    (Part::Input | Part::Output, _) => {}
                    _ => self.step(mention.event, visit.thing),
                }
            }
            if visit.reason == Reason::Whole {
                life.withdrawn.iter().for_each(|event| self.step(*event, visit.thing));
            }
            for stay in stays.iter() {
                let Some(window) = stay.within(window) else { continue };
                if self.reach(stay.parent, NodeRole::Carrier, depth) {
                    self.link_stay(visit.thing, stay);
                    next.visits.push(Visit {
                        thing: stay.parent,
                        window,
                        reason: Reason::Carrier,
                        content: None,
                    });
                }
            }
            let with_withdrawn = visit.reason == Reason::Whole;
            let thing = visit.thing;
            questions.sightings.push(SightingQuery { thing, window, with_withdrawn });
            questions.contents.push((documents_query(thing, window), window));
        }
        for window in way.cover_content(visit) {
            questions.contents.push((content_query(&life, visit.thing, window), window));
        }
    }

    async fn answer_contents(
        &mut self,
        questions: &[(ContentQuery, Window)],
        next: &mut Wave,
    ) -> Result<(), IndexError> {
        let queries: Vec<ContentQuery> = questions.iter().map(|(query, _)| *query).collect();
        let mut asked: HashMap<i64, Vec<(bool, Window)>> = HashMap::new();
        for (query, window) in questions {
            asked.entry(query.parent).or_default().push((!query.transactions_only, *window));
        }
        let mut packings: BTreeMap<i64, i64> = BTreeMap::new();
        for mention in self.loader.contents(&queries).await? {
            // What else a carrier carries is not asked for.
            let is_asked = |(with_content, window): &(bool, Window)| {
                (*with_content || mention.is_transaction) && window.contains(mention.time)
            };
            if asked[&mention.parent].iter().any(is_asked) {
                self.step(mention.event, mention.parent);
            }
            if !mention.is_transaction {
                packings.insert(mention.event, mention.parent);
            }
        }
        let events: Vec<i64> = packings.keys().copied().collect();
        let mut seen = BTreeSet::new();
        for item in self.loader.items(&events).await? {
            if item.part != Part::Child {
                continue;
            }
            let parent = packings[&item.event];
            let windows = asked[&parent].iter().filter(|(with_content, _)| *with_content);
            for (_, window) in windows {
                let child = item.identifier;
                if seen.insert((child, parent, *window)) {
                    next.contents.push(Content { child, parent, window: *window });
                }
            }
        }
        Ok(())
    }

    async fn answer_changes(
        &mut self,
        changes: &[Change],
        way: &Way,
        depth: u32,
        next: &mut Wave,
    ) -> Result<(), IndexError> {
        let shared: BTreeSet<i64> =
            changes.iter().filter_map(|change| change.transformation).collect();
        let shared: Vec<i64> = shared.into_iter().collect();
        let mut together: HashMap<i64, Vec<i64>> = HashMap::new();
        for (transformation, event) in self.loader.transformations(&shared).await? {
            together.entry(transformation).or_default().push(event);
        }
        let events_of = |change: &Change| match change.transformation {
            Some(id) => together.get(&id).cloned().unwrap_or_default(),
            None => vec![change.event],
        };
        let events: BTreeSet<i64> = changes.iter().flat_map(events_of).collect();
        let events: Vec<i64> = events.into_iter().collect();
        let mut items: HashMap<i64, Vec<Listed>> = HashMap::new();
        for item in self.loader.items(&events).await? {
            items.entry(item.event).or_default().push(item);
        }
        self.name_all(items.values().flatten().map(|item| item.identifier)).await?;
        let wanted = if way.forward { Part::Output } else { Part::Input };
        let mut others = Vec::new();
        for change in changes {
            self.step(change.event, change.thing);
            for event in events_of(change) {
                let listed = items.get(&event).into_iter().flatten();
                others.extend(listed.filter(|item| item.part == wanted).map(|i| (*change, *i)));
            }
        }
        let followed = others.iter().map(|(_, item)| item.identifier);
        let followed: Vec<i64> = followed.filter(|thing| self.is_followed(*thing)).collect();
        self.load_lives(followed.into_iter()).await?;
        for (change, item) in others {
            self.follow(change, item, way, depth, next);
        }
        Ok(())
    }

    /// From a thing through a transformation to a thing on the other side.
    fn follow(&mut self, change: Change, item: Listed, way: &Way, depth: u32, next: &mut Wave) {
        self.step(item.event, item.identifier);
        if item.identifier == change.thing || !self.reach(item.identifier, way.role(), depth) {
            return;
        }
        let (from, to) = if way.forward {
            (change.thing, item.identifier)
        } else {
            (item.identifier, change.thing)
        };
        // The event of the output is where the link shows.
        let (event, time) =
            if way.forward { (item.event, item.time) } else { (change.event, change.time) };
        self.link(Link { from, to, relation: Relation::Became, event }, time, None);
        if !self.is_followed(item.identifier) {
            return;
        }
        let side = if way.forward {
            Window { from: item.time, until: i64::MAX }
        } else {
            Window { from: i64::MIN, until: item.time }
        };
        let fill = self.lives[&item.identifier].fill_at(item.time);
        if let Some(window) = side.meet(fill) {
            // What was inside an input is what was inside when it was used.
            let used = Window { from: item.time, until: item.time };
            let content = Some(if way.forward { window } else { used });
            let thing = item.identifier;
            next.visits.push(Visit { thing, window, reason: Reason::Whole, content });
        }
    }

    /// A product of no particular lot is no thing: to follow it would connect everything of it.
    fn is_followed(&self, thing: i64) -> bool {
        self.names.get(&thing).is_none_or(|name| kind_of(name) != ThingKind::Product)
    }

    /// Reads names that are not known yet.
    pub(super) async fn name_all(
        &mut self,
        things: impl Iterator<Item = i64>,
    ) -> Result<(), IndexError> {
        let wanted: BTreeSet<i64> =
            things.filter(|thing| !self.names.contains_key(thing)).collect();
        let wanted: Vec<i64> = wanted.into_iter().collect();
        self.names.extend(self.loader.names(&wanted).await?);
        Ok(())
    }

    /// Notes that a thing belongs to the trace; `false` if there is no room for it.
    fn reach(&mut self, thing: i64, role: NodeRole, depth: u32) -> bool {
        if let Some(reached) = self.reached.get_mut(&thing) {
            reached.roles.insert(role);
            return true;
        }
        if self.nodes.len() >= self.limits.identifiers_max {
            self.truncated = true;
            return false;
        }
        self.nodes.push(thing);
        self.reached.insert(thing, Reached { depth, roles: BTreeSet::from([role]) });
        true
    }

    fn link_stay(&mut self, child: i64, stay: &Stay) {
        let relation = match stay.hold {
            Hold::Packed => Relation::PackedIn,
            Hold::Fixed => Relation::FixedTo,
        };
        let link = Link { from: child, to: stay.parent, relation, event: stay.event };
        self.link(link, stay.from, stay.until);
    }

    fn link(&mut self, link: Link, from: i64, until: Option<i64>) {
        if self.links.len() >= self.limits.links_max && !self.links.contains_key(&link) {
            self.truncated = true;
            return;
        }
        self.links.insert(link, (from, until));
    }

    fn step(&mut self, event: i64, thing: i64) {
        if self.steps.len() >= self.limits.steps_max && !self.steps.contains_key(&event) {
            self.truncated = true;
            return;
        }
        self.steps.entry(event).or_default().insert(thing);
    }
}

impl Way {
    /// The role of what this way leads to.
    fn role(&self) -> NodeRole {
        if self.forward { NodeRole::Product } else { NodeRole::Source }
    }

    /// The windows in which the content of a visit was not asked for before.
    fn cover_content(&mut self, visit: Visit) -> Vec<Window> {
        let Some(content) = visit.content else { return Vec::new() };
        self.contents.entry(visit.thing).or_default().add(content)
    }

    /// The parts of a visit that were not walked before.
    fn cover(&mut self, visit: Visit) -> Vec<Window> {
        let fresh = self.covered.entry((visit.thing, visit.reason)).or_default().add(visit.window);
        match visit.reason {
            Reason::Whole => fresh,
            Reason::Carrier => match self.covered.get(&(visit.thing, Reason::Whole)) {
                Some(whole) => whole.without(fresh),
                None => fresh,
            },
        }
    }
}

/// Asks for the documents that name a thing as parent.
fn documents_query(parent: i64, window: Window) -> ContentQuery {
    ContentQuery { parent, from: window.from, until: window.until, transactions_only: true }
}

/// Asks for what was put into a thing since it last was empty.
fn content_query(life: &Life, parent: i64, window: Window) -> ContentQuery {
    let from = life.last_release(window.from).unwrap_or(i64::MIN);
    ContentQuery { parent, from, until: window.until, transactions_only: false }
}
