#pragma once

#include <stdint.h>
#include <sys/types.h>

// The system calls of one thread, seen and answered by the simulator; every other thread, and this
// one outside a simulation, reaches the kernel as always. Linked into the simulator's program only:
// its definitions stand before the C library's for everything in the process.

enum csim_call {
    CSIM_OPEN, CSIM_CREATE, CSIM_READ, CSIM_WRITE, CSIM_SYNC, CSIM_TRUNCATE, CSIM_RENAME,
    CSIM_UNLINK, CSIM_LINK, CSIM_MKDIR, CSIM_RMDIR, CSIM_CLOSE
};

struct csim_request {
    enum csim_call call;
    // Open descriptor; -1 for calls by name.
    int descriptor;
    // Absolute names, in the simulated folder; empty where there is none.
    const char *path;
    const char *other;
    // Byte of the file at which a write starts (-1: where the descriptor stands), or new length.
    int64_t offset;
    int64_t count;
    int no_replace;
};

// Asked before a call: 0 lets it happen, a positive number is the errno it fails with; of a write,
// -1 - n lets n bytes happen before it fails with EIO.
typedef int64_t (*csim_before)(const struct csim_request *request);
// Told after a call that happened, with its result.
typedef void (*csim_after)(const struct csim_request *request, int64_t result);

// From now on calls of this thread on names below `root` go through these.
void csim_start(const char *root, csim_before before, csim_after after);
void csim_stop(void);
// A history begins: no inode has been seen.
void csim_forget(void);

// Nested: calls of this thread reach the kernel while the depth is above 0.
void csim_enter(void);
void csim_leave(void);

// The clocks of this thread, in nanoseconds since 1970; each look at it adds a microsecond.
void csim_set_time(int64_t nanoseconds);
int64_t csim_time(void);
// Random bytes of this thread come from this seed.
void csim_seed(uint64_t seed);

// Jobs of the global executor that are ready, and functions to be called at a time, in the hands of
// the simulator.
typedef void (*csim_job)(void *job);
typedef void (*csim_timer)(void (*function)(void *), void *context, int64_t due_nanoseconds);
void csim_catch_jobs(csim_job take, csim_timer take_timer);
void csim_run_job(void *job);

// fork(2), which Swift hides; only before any other thread exists.
int csim_fork(void);
// What is given back is wanted again soon: memory stays with the process.
void csim_keep_memory(void);
// A new file with another's bytes; -1 and errno if it cannot be made.
int csim_copy(const char *from, const char *to);
// For the program that execve starts next: everything at the same addresses every time.
void csim_fix_addresses(void);

// memmem(3), which Swift hides.
int csim_contains(const void *bytes, size_t count, const void *needle, size_t needle_count);
