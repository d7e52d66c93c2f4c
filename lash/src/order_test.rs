use alloc::vec::Vec;

use quickcheck::quickcheck;

use super::{Acyclic, Dependencies};
use crate::channels::Channels;
use crate::{Graph, SwitchIndex};

/// All switches linked with all others.
fn full_mesh(switches: usize) -> Graph {
    let mut builder = Graph::builder();
    let added: Vec<SwitchIndex> = (0..switches).map(|_| builder.add_switch(64).unwrap()).collect();
    for one in 0..switches {
        for other in one + 1..switches {
            builder.link((added[one], other as u8), (added[other], one as u8 + 1)).unwrap();
        }
    }
    builder.build()
}

/// Whether some channel waits for itself, by taking away what waits for nothing until nothing changes.
fn has_cycle(dependencies: &Dependencies<'_>, taken: &[usize]) -> bool {
    let mut left: Vec<(usize, usize)> =
        taken.iter().map(|&dependency| dependencies.ends(dependency)).collect();
    loop {
        let before = left.len();
        let waiting: Vec<usize> = left.iter().map(|&(from, _)| from).collect();
        left.retain(|(_, to)| waiting.contains(to));
        if left.len() == before {
            return before > 0;
        }
    }
}

quickcheck! {
    /// Groups of dependencies, one after the other: each is taken in whole unless that closes a cycle, as a search of
    /// all that there is says; and what is in agrees with the order.
    fn groups_are_taken_in_whole_or_not_at_all(switches: u8, groups: Vec<Vec<u16>>) -> bool {
        let graph = full_mesh(3 + usize::from(switches % 4));
        let channels = Channels::new(&graph);
        let dependencies = Dependencies::new(&channels);
        let mut acyclic = Acyclic::new(&dependencies);
        let mut model: Vec<usize> = Vec::new();
        groups.iter().all(|group| {
            let group: Vec<u32> =
                group.iter().take(5).map(|&any| u32::from(any) % dependencies.count() as u32).collect();
            let with: Vec<usize> = model.iter().copied().chain(group.iter().map(|&new| new as usize)).collect();
            let fits = !has_cycle(&dependencies, &with);
            if fits {
                model = with;
            }
            acyclic.insert_all(&dependencies, &group) == fits
                && model.iter().all(|&dependency| acyclic.admits(&dependencies, dependency))
        })
    }
}

/// Nearly all dependencies of a graph that is full of ways round: searches meet in the middle, or find that they cannot.
#[test]
fn a_full_set_has_no_cycle_and_room_for_nothing_more() {
    let graph = full_mesh(7);
    let channels = Channels::new(&graph);
    let dependencies = Dependencies::new(&channels);
    let count = dependencies.count();
    for stride in (1..count).filter(|stride| [2, 3, 7].iter().all(|factor| stride % factor != 0)).step_by(3) {
        let mut acyclic = Acyclic::new(&dependencies);
        let mut model: Vec<usize> = Vec::new();
        for dependency in (0..count).map(|turn| turn * stride % count) {
            model.push(dependency);
            let fits = !has_cycle(&dependencies, &model);
            if !fits {
                model.pop();
            }
            assert_eq!(acyclic.insert_all(&dependencies, &[dependency as u32]), fits, "stride {stride}");
        }
        assert!(model.iter().all(|&dependency| acyclic.admits(&dependencies, dependency)));
    }
}

#[test]
fn what_a_refused_group_had_is_taken_out_again() {
    let graph = full_mesh(3);
    let channels = Channels::new(&graph);
    let dependencies = Dependencies::new(&channels);
    let number = |from: [usize; 2], to: usize| {
        let channel = channels.of(from[0]).find(|&channel| channels.head(channel) == from[1]).unwrap();
        let place = channels.neighbours(from[1]).iter().position(|&head| usize::from(head) == to).unwrap();
        dependencies.of(channel, place) as u32
    };
    let [first, second, third] = [number([0, 1], 2), number([1, 2], 0), number([2, 0], 1)];
    let mut acyclic = Acyclic::new(&dependencies);
    assert!(!acyclic.insert_all(&dependencies, &[first, second, third]));
    assert!(acyclic.insert_all(&dependencies, &[third, first]));
    assert!(!acyclic.insert_all(&dependencies, &[second]));
    assert!(!acyclic.insert_all(&dependencies, &[second]), "and still");
}
