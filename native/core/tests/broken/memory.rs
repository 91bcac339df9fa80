//! A process that may take only so much memory: an allocation beyond the bound fails, which ends it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

static TAKEN: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(usize::MAX);

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

/// Bounds what this process may hold on its heap, in bytes.
pub fn bound(most: usize) {
    MOST.store(most, Ordering::Relaxed);
}

struct Bounded;

// SAFETY: everything is handed on to the system's allocator; a null pointer says that there is no room.
unsafe impl GlobalAlloc for Bounded {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let taken = TAKEN.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        if taken > MOST.load(Ordering::Relaxed) {
            TAKEN.fetch_sub(layout.size(), Ordering::Relaxed);
            return std::ptr::null_mut();
        }
        // SAFETY: the caller keeps the promises of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        TAKEN.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the promises of `dealloc`; the pointer came from `alloc` above.
        unsafe { System.dealloc(pointer, layout) }
    }
}
