//! Made-up trades against a simulation that plays them tick by tick: an independent definition of
//! what a trace forward must find.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// Numbered things; every one of them can be content and container.
const THINGS: usize = 7;

/// Something that happens in one minute.
#[derive(Debug, Clone)]
enum Deed {
    See(usize),
    Commission(usize),
    Destroy(usize),
    Pack { parent: usize, children: BTreeSet<usize> },
    Unpack { parent: usize, children: BTreeSet<usize> },
    Empty(usize),
    Transform { inputs: BTreeSet<usize>, outputs: BTreeSet<usize> },
}

fn uri(thing: usize) -> String {
    unit(thing as u64 + 1)
}

fn uris(things: &BTreeSet<usize>) -> Vec<String> {
    things.iter().map(|thing| uri(*thing)).collect()
}

fn event(minute: i64, deed: &Deed) -> Draft {
    match deed {
        Deed::See(thing) => object(minute, "OBSERVE", &[&uri(*thing)]),
        Deed::Commission(thing) => object(minute, "ADD", &[&uri(*thing)]),
        Deed::Destroy(thing) => object(minute, "DELETE", &[&uri(*thing)]),
        Deed::Pack { parent, children } => {
            aggregation(minute, "ADD", &uri(*parent), &strs(&uris(children)))
        }
        Deed::Unpack { parent, children } => {
            aggregation(minute, "DELETE", &uri(*parent), &strs(&uris(children)))
        }
        Deed::Empty(parent) => aggregation(minute, "DELETE", &uri(*parent), &[]),
        Deed::Transform { inputs, outputs } => {
            transformation(minute, &strs(&uris(inputs)), &strs(&uris(outputs)))
        }
    }
}

fn strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// The state of the world after some minutes.
#[derive(Default)]
struct World {
    /// Container of a thing, and the minute at which it went in.
    inside: BTreeMap<usize, (usize, i64)>,
    /// The thing asked for: whatever is ever inside it matters.
    root: usize,
    /// Was made from something of the root, and was not emptied since: so is what is inside.
    made: BTreeSet<usize>,
    /// Was inside such a thing, and was not emptied since.
    lasting: BTreeSet<usize>,
    seen: BTreeSet<usize>,
    minutes: BTreeSet<i64>,
    reached: BTreeSet<usize>,
}

impl World {
    /// Everything inside a thing, itself included.
    fn content(&self, thing: usize) -> BTreeSet<usize> {
        let mut all = BTreeSet::from([thing]);
        loop {
            let more: Vec<usize> = self
                .inside
                .iter()
                .filter(|(child, (parent, _))| all.contains(parent) && !all.contains(child))
                .map(|(child, _)| *child)
                .collect();
            if more.is_empty() {
                return all;
            }
            all.extend(more);
        }
    }

    /// Whether everything inside it matters.
    fn is_whole(&self, thing: usize) -> bool {
        let mut at = thing;
        loop {
            if at == self.root || self.made.contains(&at) {
                return true;
            }
            let Some((parent, _)) = self.inside.get(&at) else { return false };
            at = *parent;
        }
    }

    fn carries(&self, thing: usize) -> bool {
        let content = self.content(thing);
        content.iter().any(|inner| self.is_whole(*inner) || self.lasting.contains(inner))
    }

    /// A thing ends, or its number is given to another.
    fn end(&mut self, thing: usize) {
        self.inside.remove(&thing);
        self.inside.retain(|_, (parent, _)| *parent != thing);
        self.made.remove(&thing);
        self.lasting.remove(&thing);
    }

    /// Whatever holds something of the root belongs to the trace, and so does the event that put
    /// the one into the other.
    fn note_carriers(&mut self) {
        let inside: Vec<(usize, (usize, i64))> =
            self.inside.iter().map(|(child, at)| (*child, *at)).collect();
        for (child, (parent, minute)) in inside {
            if self.carries(child) {
                self.reached.insert(child);
                self.reached.insert(parent);
                self.minutes.insert(minute);
            }
            if self.is_whole(parent) {
                self.reached.insert(child);
                self.minutes.insert(minute);
            }
        }
    }

    /// A thing was put into one that matters with its content: it and what is inside it matter
    /// from here on.
    fn enter(&mut self, thing: usize) {
        let content = self.content(thing);
        self.reached.extend(&content);
        self.lasting.extend(content);
    }
}

/// Whether the story is one that the simulation plays: nothing is packed into its own content,
/// nothing that ended is used, and every number is given out once.
fn play(root: usize, deeds: &[Deed]) -> Option<World> {
    let mut world = World { root, ..World::default() };
    let mut ended = BTreeSet::new();
    world.reached.insert(root);
    for (minute, deed) in (0..).zip(deeds) {
        let named: BTreeSet<usize> = match deed {
            Deed::See(thing) | Deed::Commission(thing) | Deed::Destroy(thing) => {
                BTreeSet::from([*thing])
            }
            Deed::Empty(parent) => BTreeSet::from([*parent]),
            Deed::Pack { parent, children } | Deed::Unpack { parent, children } => {
                children.iter().copied().chain([*parent]).collect()
            }
            Deed::Transform { inputs, outputs } => inputs.union(outputs).copied().collect(),
        };
        if named.iter().any(|thing| ended.contains(thing)) {
            return None;
        }
        let born: Vec<usize> = match deed {
            Deed::Commission(thing) => vec![*thing],
            Deed::Transform { outputs, .. } => outputs.iter().copied().collect(),
            _ => Vec::new(),
        };
        if born.iter().any(|thing| world.seen.contains(thing)) {
            return None;
        }
        let about = step(&mut world, minute, deed)?;
        world.note_carriers();
        if let Deed::Destroy(thing) = deed {
            ended.insert(*thing);
        }
        if let Deed::Transform { inputs, .. } = deed {
            ended.extend(inputs);
        }
        world.seen.extend(named);
        if about {
            world.minutes.insert(minute);
        }
    }
    Some(world)
}

/// Plays one deed; whether it is about something of the root.
fn step(world: &mut World, minute: i64, deed: &Deed) -> Option<bool> {
    match deed {
        Deed::See(thing) | Deed::Commission(thing) => Some(world.carries(*thing)),
        Deed::Destroy(thing) => {
            let about = world.carries(*thing);
            world.end(*thing);
            Some(about)
        }
        Deed::Empty(parent) => {
            let about = world.carries(*parent);
            world.inside.retain(|_, (inside, _)| inside != parent);
            world.made.remove(parent);
            world.lasting.remove(parent);
            Some(about)
        }
        Deed::Pack { parent, children } => {
            if children.iter().any(|child| world.content(*child).contains(parent)) {
                return None;
            }
            let whole = world.is_whole(*parent);
            let about = whole || children.iter().any(|child| world.carries(*child));
            for child in children {
                // Packing what lies there already says nothing new.
                if world.inside.get(child).is_some_and(|(at, _)| at == parent) {
                    continue;
                }
                world.inside.insert(*child, (*parent, minute));
                if whole {
                    world.enter(*child);
                }
            }
            Some(about)
        }
        Deed::Unpack { parent, children } => {
            if children
                .iter()
                .any(|child| world.inside.get(child).is_none_or(|(at, _)| at != parent))
            {
                return None;
            }
            let whole = world.is_whole(*parent);
            let about = whole || children.iter().any(|child| world.carries(*child));
            for child in children {
                world.inside.remove(child);
            }
            Some(about)
        }
        Deed::Transform { inputs, outputs } => {
            if inputs.intersection(outputs).next().is_some() {
                return None;
            }
            let about = inputs.iter().any(|input| world.carries(*input));
            for input in inputs {
                world.end(*input);
            }
            if about {
                world.made.extend(outputs);
                world.reached.extend(outputs);
            }
            Some(about)
        }
    }
}

fn some_things(max: usize) -> impl Strategy<Value = BTreeSet<usize>> {
    proptest::collection::btree_set(0..THINGS, 1..=max)
}

fn deeds() -> impl Strategy<Value = Deed> {
    let pack = (0..THINGS, some_things(2)).prop_map(|(parent, mut children)| {
        children.remove(&parent);
        Deed::Pack { parent, children }
    });
    prop_oneof![
        3 => (0..THINGS).prop_map(Deed::See),
        1 => (0..THINGS).prop_map(Deed::Commission),
        1 => (0..THINGS).prop_map(Deed::Destroy),
        6 => pack,
        1 => (0..THINGS).prop_map(Deed::Empty),
        3 => (0..THINGS).prop_map(|child| Deed::Unpack {
            parent: THINGS,
            children: BTreeSet::from([child]),
        }),
        2 => (some_things(2), some_things(2))
            .prop_map(|(inputs, outputs)| Deed::Transform { inputs, outputs }),
    ]
}

/// Leaves out what cannot happen, so that long stories remain.
fn possible(root: usize, wanted: Vec<Deed>) -> Vec<Deed> {
    let mut story: Vec<Deed> = Vec::new();
    for mut deed in wanted {
        if let Deed::Unpack { parent, children } = &mut deed {
            // The strategy does not know where the child is; the story does.
            let world = play(root, &story).expect("the story so far is possible");
            let child = *children.first().expect("one child");
            let Some((at, _)) = world.inside.get(&child) else { continue };
            *parent = *at;
        }
        if matches!(&deed, Deed::Pack { children, .. } if children.is_empty()) {
            continue;
        }
        story.push(deed);
        if play(root, &story).is_none() {
            story.pop();
        }
    }
    story
}

proptest! {
    #[test]
    fn a_trace_forward_finds_what_a_simulation_finds(
        root in 0..THINGS,
        wanted in proptest::collection::vec(deeds(), 1..40),
    ) {
        let story = possible(root, wanted);
        let world = play(root, &story).expect("only possible deeds are left");
        let events: Vec<Draft> =
            (0..).zip(&story).map(|(minute, deed)| event(minute, deed)).collect();
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let found = runtime.block_on(async {
            let index = told(&events).await;
            trace(&index, &uri(root), Direction::Forward).await
        });
        if !found.found {
            prop_assert!(!world.seen.contains(&root));
            return Ok(());
        }
        let reached: BTreeSet<String> = world.reached.iter().map(|thing| uri(*thing)).collect();
        let reached: BTreeSet<&str> = reached.iter().map(String::as_str).collect();
        prop_assert_eq!(things(&found), reached, "things of {:#?} from {}", story, root);
        let expected: Vec<i64> = world.minutes.into_iter().collect();
        prop_assert_eq!(minutes(&found), expected, "minutes of {:#?} from {}", story, root);
    }
}
