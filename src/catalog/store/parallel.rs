//! Work that is done in any order, and taken in one.

use std::io;
use std::sync::mpsc::sync_channel;

/// Runs `make` for each number on so many threads, and `take` here for what comes of it, in order. No thread is
/// more than two ahead.
///
/// # Errors
/// The first of either.
pub(super) fn in_order<T: Send, E: From<io::Error> + Send>(
    count: usize,
    threads: usize,
    make: impl Fn(usize) -> Result<T, E> + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads.clamp(1, count.max(1));
    std::thread::scope(|scope| {
        let receivers: Vec<_> = (0..threads)
            .map(|thread| {
                let (sender, receiver) = sync_channel(1);
                let make = &make;
                scope.spawn(move || {
                    (thread..count).step_by(threads).all(|at| sender.send(make(at)).is_ok());
                });
                receiver
            })
            .collect();
        let broke_off = |_ended| io::Error::other("a thread met a fault of its own");
        (0..count).try_for_each(|at| take(receivers[at % threads].recv().map_err(broke_off)??))
    })
}
