#define _GNU_SOURCE
#include "CSimulation.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static csim_before ask;
static csim_after tell;
static char root[PATH_MAX];
static size_t root_length;
static __thread int is_simulated;
static __thread int depth;
static int64_t now = 0;
static uint64_t random_state;

// Sparse memory costs a page for each entry: no larger than twice what a long history sees.
enum { SEEN_LIMIT = 1 << 16, SEEN_MOST = SEEN_LIMIT / 4 * 3 };
struct seen { uint64_t inode; int64_t seconds, nanoseconds, value; };
static struct seen *seen;
static int64_t inodes_seen;
static size_t entries_seen;


// Not through libc's names, which are ours here.
static long raw(long number, long a, long b, long c, long d, long e, long f) {
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static long answer(long result) {
    if (result >= 0) return result;
    errno = (int)-result;
    return -1;
}

void csim_start(const char *folder, csim_before before, csim_after after) {
    root_length = strlen(folder);
    memcpy(root, folder, root_length + 1);
    ask = before;
    tell = after;
    is_simulated = 1;
    depth = 0;
}

void csim_stop(void) { is_simulated = 0; }
void csim_enter(void) { depth++; }
void csim_leave(void) { depth--; }
void csim_set_time(int64_t nanoseconds) { now = nanoseconds; }

void csim_keep_memory(void) {
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 1 << 24);
}

int csim_copy(const char *from, const char *to) {
    int source = (int)raw(SYS_openat, AT_FDCWD, (long)from, O_RDONLY | O_CLOEXEC, 0, 0, 0);
    if (source < 0) return (int)answer(source);
    long target = raw(SYS_openat, AT_FDCWD, (long)to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600, 0, 0);
    long copied = target < 0 ? target : 1;
    while (copied > 0) copied = raw(SYS_sendfile, target, source, 0, 1 << 30, 0, 0);
    if (target >= 0) raw(SYS_close, target, 0, 0, 0, 0, 0);
    raw(SYS_close, source, 0, 0, 0, 0, 0);
    return (int)answer(copied);
}

void csim_forget(void) {
    // Fresh memory is all zeros, and touched only where it is used.
    free(seen);
    seen = calloc(SEEN_LIMIT, sizeof *seen);
    inodes_seen = 0;
    entries_seen = 0;
}

int64_t csim_time(void) { return now; }
void csim_seed(uint64_t seed) { random_state = seed; }

static int is_ours(void) { return is_simulated && depth == 0; }

static int is_inside(const char *path) {
    return strncmp(path, root, root_length) == 0
        && (path[root_length] == '/' || path[root_length] == 0);
}

// The absolute name of a path; NULL when it is not in the simulated folder.
static const char *absolute(int folder, const char *path, char *buffer) {
    if (path == NULL) return NULL;
    if (path[0] == '/') return is_inside(path) ? path : NULL;
    if (folder == AT_FDCWD) return NULL;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    long length = raw(SYS_readlink, (long)link, (long)buffer, PATH_MAX - 1, 0, 0, 0);
    if (length <= 0) return NULL;
    buffer[length] = 0;
    if (!is_inside(buffer)) return NULL;
    if (length + 1 + strlen(path) >= PATH_MAX) return NULL;
    buffer[length] = '/';
    strcpy(buffer + length + 1, path);
    return buffer;
}

static int64_t before(const struct csim_request *request) {
    depth++;
    int64_t verdict = ask(request);
    depth--;
    return verdict;
}

static long after(const struct csim_request *request, long result) {
    depth++;
    tell(request, result);
    depth--;
    return answer(result);
}

static long refuse(int64_t verdict) {
    errno = (int)verdict;
    return -1;
}

// SQLite locks the ledger against other processes at every question; of these there are none here, and
// within a process it remembers for itself.
enum { MOST_UNLOCKED = 4096 };
static const char ledger[] = "/state/ledger.sqlite";
static unsigned char needs_no_locks[MOST_UNLOCKED];

static void note_ledger(const char *name, long descriptor) {
    if (descriptor >= 0 && descriptor < MOST_UNLOCKED)
        needs_no_locks[descriptor] = strncmp(name + root_length, ledger, sizeof ledger - 1) == 0;
}

static int do_open(int folder, const char *path, int flags, unsigned mode, const struct open_how *how) {
    char buffer[PATH_MAX];
    const char *name = is_ours() ? absolute(folder, path, buffer) : NULL;
    struct csim_request request = {CSIM_OPEN, -1, name ? name : "", "", flags, 0, 0};
    if (name) {
        if (flags & O_CREAT) {
            struct stat status;
            if (raw(SYS_newfstatat, AT_FDCWD, (long)name, (long)&status, AT_SYMLINK_NOFOLLOW, 0, 0) < 0)
                request.call = CSIM_CREATE;
        }
        int64_t verdict = before(&request);
        if (verdict > 0) return (int)refuse(verdict);
    }
    long result = how ? raw(SYS_openat2, folder, (long)path, (long)how, sizeof *how, 0, 0)
                      : raw(SYS_openat, folder, (long)path, flags, mode, 0, 0);
    if (name) note_ledger(name, result);
    return (int)(name ? after(&request, result) : answer(result));
}

static int do_fcntl(int descriptor, int command, long argument) {
    if (is_ours() && (command == F_SETLK || command == F_SETLKW) && descriptor >= 0
        && descriptor < MOST_UNLOCKED && needs_no_locks[descriptor])
        return 0;
    return (int)answer(raw(SYS_fcntl, descriptor, command, argument, 0, 0, 0));
}

int fcntl(int descriptor, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    long argument = va_arg(arguments, long);
    va_end(arguments);
    return do_fcntl(descriptor, command, argument);
}

int fcntl64(int descriptor, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    long argument = va_arg(arguments, long);
    va_end(arguments);
    return do_fcntl(descriptor, command, argument);
}

#define WITH_MODE                                     \
    unsigned mode = 0;                                \
    if (flags & (O_CREAT | O_TMPFILE)) {              \
        va_list arguments;                            \
        va_start(arguments, flags);                   \
        mode = va_arg(arguments, unsigned);           \
        va_end(arguments);                            \
    }

int open(const char *path, int flags, ...) {
    WITH_MODE
    return do_open(AT_FDCWD, path, flags, mode, NULL);
}

int open64(const char *path, int flags, ...) {
    WITH_MODE
    return do_open(AT_FDCWD, path, flags, mode, NULL);
}

int openat(int folder, const char *path, int flags, ...) {
    WITH_MODE
    return do_open(folder, path, flags, mode, NULL);
}

int openat64(int folder, const char *path, int flags, ...) {
    WITH_MODE
    return do_open(folder, path, flags, mode, NULL);
}

long syscall(long number, ...) {
    va_list arguments;
    va_start(arguments, number);
    long a = va_arg(arguments, long), b = va_arg(arguments, long), c = va_arg(arguments, long);
    long d = va_arg(arguments, long), e = va_arg(arguments, long), f = va_arg(arguments, long);
    va_end(arguments);
    if (is_ours() && number == SYS_openat2) {
        const struct open_how *how = (const struct open_how *)c;
        return do_open((int)a, (const char *)b, (int)how->flags, (unsigned)how->mode, how);
    }
    if (is_ours() && number == SYS_getrandom) return getrandom((void *)a, (size_t)b, (unsigned)c);
    return answer(raw(number, a, b, c, d, e, f));
}

int close(int descriptor) {
    struct csim_request request = {CSIM_CLOSE, descriptor, "", "", 0, 0, 0};
    if (is_ours()) before(&request);
    if (is_simulated && descriptor >= 0 && descriptor < MOST_UNLOCKED) needs_no_locks[descriptor] = 0;
    return (int)answer(raw(SYS_close, descriptor, 0, 0, 0, 0, 0));
}

static ssize_t do_write(int descriptor, const void *bytes, size_t count, int64_t offset) {
    struct csim_request request = {CSIM_WRITE, descriptor, "", "", offset, (int64_t)count, 0};
    int64_t verdict = 0;
    if (is_ours()) {
        verdict = before(&request);
        if (verdict > 0) return refuse(verdict);
        if (verdict < 0) count = (size_t)(-1 - verdict);
    }
    long result = offset < 0 ? raw(SYS_write, descriptor, (long)bytes, (long)count, 0, 0, 0)
                             : raw(SYS_pwrite64, descriptor, (long)bytes, (long)count, offset, 0, 0);
    if (verdict < 0) return refuse(EIO);
    if (is_ours() && result < 0) return after(&request, result);
    return answer(result);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    return do_write(descriptor, bytes, count, -1);
}
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return do_write(descriptor, bytes, count, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    return do_write(descriptor, bytes, count, offset);
}

static ssize_t do_read(int descriptor, void *bytes, size_t count, int64_t offset) {
    if (is_ours()) {
        struct csim_request request = {CSIM_READ, descriptor, "", "", offset, (int64_t)count, 0};
        int64_t verdict = before(&request);
        if (verdict > 0) return refuse(verdict);
    }
    return answer(
        offset < 0 ? raw(SYS_read, descriptor, (long)bytes, (long)count, 0, 0, 0)
                   : raw(SYS_pread64, descriptor, (long)bytes, (long)count, offset, 0, 0));
}

ssize_t read(int descriptor, void *bytes, size_t count) { return do_read(descriptor, bytes, count, -1); }
ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) {
    return do_read(descriptor, bytes, count, offset);
}
ssize_t pread64(int descriptor, void *bytes, size_t count, off64_t offset) {
    return do_read(descriptor, bytes, count, offset);
}

static int do_sync(long number, int descriptor) {
    struct csim_request request = {CSIM_SYNC, descriptor, "", "", 0, 0, 0};
    if (!is_ours()) return (int)answer(raw(number, descriptor, 0, 0, 0, 0, 0));
    int64_t verdict = before(&request);
    if (verdict > 0) return (int)refuse(verdict);
    // Memory is the disk here: nothing to wait for.
    return (int)after(&request, 0);
}

int fsync(int descriptor) { return do_sync(SYS_fsync, descriptor); }
int fdatasync(int descriptor) { return do_sync(SYS_fdatasync, descriptor); }
int syncfs(int descriptor) { return do_sync(SYS_syncfs, descriptor); }

static int do_truncate(int descriptor, int64_t length) {
    struct csim_request request = {CSIM_TRUNCATE, descriptor, "", "", length, 0, 0};
    if (!is_ours()) return (int)answer(raw(SYS_ftruncate, descriptor, length, 0, 0, 0, 0));
    int64_t verdict = before(&request);
    if (verdict > 0) return (int)refuse(verdict);
    return (int)after(&request, raw(SYS_ftruncate, descriptor, length, 0, 0, 0, 0));
}

int ftruncate(int descriptor, off_t length) { return do_truncate(descriptor, length); }
int ftruncate64(int descriptor, off64_t length) { return do_truncate(descriptor, length); }

static int do_rename(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    char from_buffer[PATH_MAX], to_buffer[PATH_MAX];
    const char *source = is_ours() ? absolute(from_folder, from, from_buffer) : NULL;
    const char *target = is_ours() ? absolute(to_folder, to, to_buffer) : NULL;
    struct csim_request request = {
        CSIM_RENAME, -1, source ? source : "", target ? target : "", 0, 0, flags != 0};
    if (source && target) {
        int64_t verdict = before(&request);
        if (verdict > 0) return (int)refuse(verdict);
    }
    long result = raw(SYS_renameat2, from_folder, (long)from, to_folder, (long)to, flags, 0);
    return (int)(source && target ? after(&request, result) : answer(result));
}

int rename(const char *from, const char *to) { return do_rename(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    return do_rename(from_folder, from, to_folder, to, 0);
}
int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    return do_rename(from_folder, from, to_folder, to, flags);
}

static int by_name(enum csim_call call, long number, int folder, const char *path, long third, long fourth) {
    char buffer[PATH_MAX];
    const char *name = is_ours() ? absolute(folder, path, buffer) : NULL;
    struct csim_request request = {call, -1, name ? name : "", "", 0, 0, 0};
    if (name) {
        int64_t verdict = before(&request);
        if (verdict > 0) return (int)refuse(verdict);
    }
    long result = raw(number, folder, (long)path, third, fourth, 0, 0);
    return (int)(name ? after(&request, result) : answer(result));
}

int unlink(const char *path) { return by_name(CSIM_UNLINK, SYS_unlinkat, AT_FDCWD, path, 0, 0); }
int unlinkat(int folder, const char *path, int flags) {
    return by_name(flags & AT_REMOVEDIR ? CSIM_RMDIR : CSIM_UNLINK, SYS_unlinkat, folder, path, flags, 0);
}
int rmdir(const char *path) {
    return by_name(CSIM_RMDIR, SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR, 0);
}
int mkdir(const char *path, mode_t mode) {
    return by_name(CSIM_MKDIR, SYS_mkdirat, AT_FDCWD, path, mode, 0);
}
int mkdirat(int folder, const char *path, mode_t mode) {
    return by_name(CSIM_MKDIR, SYS_mkdirat, folder, path, mode, 0);
}

// What differs from one run to the next: numbers of inodes become their order of appearance, times the
// simulated time at which they were first seen.
static int64_t translated(uint64_t inode, int64_t seconds, int64_t nanoseconds, int64_t fresh) {
    uint64_t hash = (inode * 0x9E3779B97F4A7C15 ^ (uint64_t)seconds * 31 ^ (uint64_t)nanoseconds) * 0xBF58476D1CE4E5B9;
    for (uint64_t place = hash >> 48;; place = (place + 1) % SEEN_LIMIT) {
        struct seen *entry = &seen[place];
        if (entry->value == 0) {
            if (++entries_seen > SEEN_MOST) {
                fprintf(stderr, "a history has changed files more than %d times\n", SEEN_MOST);
                abort();
            }
            *entry = (struct seen){inode, seconds, nanoseconds, fresh};
        }
        else if (entry->inode != inode || entry->seconds != seconds || entry->nanoseconds != nanoseconds)
            continue;
        return entry->value;
    }
}

static void translate_time(uint64_t inode, struct timespec *time) {
    int64_t first = translated(inode, time->tv_sec, time->tv_nsec, now);
    time->tv_sec = first / 1000000000;
    time->tv_nsec = first % 1000000000;
}

static int translate(int result, struct stat *status) {
    if (result != 0 || !is_ours() || now == 0) return result;
    uint64_t inode = status->st_ino;
    int64_t order = translated(inode, -1, status->st_dev, inodes_seen + 1);
    if (order > inodes_seen) inodes_seen = order;
    translate_time(inode, &status->st_atim);
    translate_time(inode, &status->st_mtim);
    translate_time(inode, &status->st_ctim);
    status->st_ino = (ino_t)order;
    return 0;
}

int statx(int folder, const char *restrict path, int flags, unsigned mask, struct statx *restrict found) {
    long result = answer(raw(SYS_statx, folder, (long)path, flags, mask, (long)found, 0));
    if (result != 0 || !is_ours() || now == 0) return (int)result;
    uint64_t inode = found->stx_ino, device = makedev(found->stx_dev_major, found->stx_dev_minor);
    int64_t order = translated(inode, -1, (int64_t)device, inodes_seen + 1);
    if (order > inodes_seen) inodes_seen = order;
    int64_t born = translated(inode, found->stx_btime.tv_sec, found->stx_btime.tv_nsec, now);
    found->stx_btime.tv_sec = born / 1000000000;
    found->stx_btime.tv_nsec = born % 1000000000;
    found->stx_ino = (uint64_t)order;
    return 0;
}

static int do_stat(int folder, const char *path, struct stat *status, int flags) {
    return translate(
        (int)answer(raw(SYS_newfstatat, folder, (long)path, (long)status, flags, 0, 0)), status);
}

int fstat(int descriptor, struct stat *status) { return do_stat(descriptor, "", status, AT_EMPTY_PATH); }
int stat(const char *path, struct stat *status) { return do_stat(AT_FDCWD, path, status, 0); }
int lstat(const char *path, struct stat *status) {
    return do_stat(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}
int fstatat(int folder, const char *path, struct stat *status, int flags) {
    return do_stat(folder, path, status, flags);
}
int fstat64(int descriptor, struct stat64 *status) { return fstat(descriptor, (struct stat *)status); }
int stat64(const char *path, struct stat64 *status) { return stat(path, (struct stat *)status); }
int lstat64(const char *path, struct stat64 *status) { return lstat(path, (struct stat *)status); }
int fstatat64(int folder, const char *path, struct stat64 *status, int flags) {
    return fstatat(folder, path, (struct stat *)status, flags);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    if (!is_simulated || now == 0) return (int)answer(raw(SYS_clock_gettime, clock, (long)time, 0, 0, 0, 0));
    now += 1000;
    time->tv_sec = now / 1000000000;
    time->tv_nsec = now % 1000000000;
    return 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    time->tv_sec = precise.tv_sec;
    time->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *place) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (place) *place = precise.tv_sec;
    return precise.tv_sec;
}

// Nobody else runs: to let others run first is nothing, and would wait for the whole machine's others.
int sched_yield(void) { return is_simulated ? 0 : (int)answer(raw(SYS_sched_yield, 0, 0, 0, 0, 0, 0)); }

// SplitMix64.
static uint64_t draw(void) {
    random_state += 0x9E3779B97F4A7C15;
    uint64_t mixed = random_state;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31);
}

ssize_t getrandom(void *bytes, size_t count, unsigned flags) {
    if (!is_simulated) return answer(raw(SYS_getrandom, (long)bytes, (long)count, flags, 0, 0, 0));
    unsigned char *out = bytes;
    for (size_t place = 0; place < count; place++) out[place] = (unsigned char)(draw() >> 56);
    return (ssize_t)count;
}

int getentropy(void *bytes, size_t count) { return getrandom(bytes, count, 0) < 0 ? -1 : 0; }

void arc4random_buf(void *bytes, size_t count) { getrandom(bytes, count, 0); }

uint32_t arc4random(void) {
    uint32_t number;
    getrandom(&number, sizeof number, 0);
    return number;
}

// Swift's concurrency asks these where a job for the global executor goes.
#define SWIFT __attribute__((swiftcall))
typedef SWIFT void (*plain_original)(void *job);
extern SWIFT void (*swift_task_enqueueGlobal_hook)(void *job, plain_original original);
extern SWIFT void (*swift_task_enqueueMainExecutor_hook)(void *job, plain_original original);
struct executor { void *identity; uintptr_t implementation; };
extern SWIFT void swift_job_run(void *job, struct executor executor);

static csim_job taker;
static csim_timer timer_taker;

static SWIFT void take_plain(void *job, plain_original original) {
    if (is_simulated) taker(job);
    else original(job);
}

void csim_catch_jobs(csim_job take, csim_timer take_timer) {
    taker = take;
    timer_taker = take_timer;
    swift_task_enqueueGlobal_hook = take_plain;
    swift_task_enqueueMainExecutor_hook = take_plain;
}

// Swift waits with libdispatch: by a call at a time, or, with a tolerance, by timers: made, given a function and a time, activated, and released by
// the function. Those of the simulated thread are ours.
struct timer {
    uint64_t mark;
    void *context;
    void (*function)(void *);
    int64_t due;
};

static const uint64_t timer_mark = 0x51D7C0DE51D7C0DEULL;

#define NEXT(name) \
    static __typeof__(&name) next; \
    if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

void *dispatch_source_create(const void *type, uintptr_t handle, unsigned long mask, void *queue) {
    NEXT(dispatch_source_create);
    // Without a handle: a timer.
    if (!is_simulated || handle != 0) return next(type, handle, mask, queue);
    struct timer *timer = calloc(1, sizeof *timer);
    timer->mark = timer_mark;
    return timer;
}

static struct timer *ours(void *object) {
    struct timer *timer = object;
    return is_simulated && timer->mark == timer_mark ? timer : NULL;
}

void dispatch_set_context(void *object, void *context) {
    NEXT(dispatch_set_context);
    struct timer *timer = ours(object);
    if (timer) timer->context = context;
    else next(object, context);
}

void dispatch_source_set_event_handler_f(void *source, void (*function)(void *)) {
    NEXT(dispatch_source_set_event_handler_f);
    struct timer *timer = ours(source);
    if (timer) timer->function = function;
    else next(source, function);
}

// Bit 63: not uptime; bit 62 besides: wall time, negative. All clocks are one here.
static int64_t due_time(uint64_t time) {
    if (!(time >> 63)) return (int64_t)time;
    return time >> 62 & 1 ? -(int64_t)time : (int64_t)(time & ~(1ULL << 63));
}

void dispatch_after_f(uint64_t when, void *queue, void *context, void (*function)(void *)) {
    NEXT(dispatch_after_f);
    if (is_simulated) timer_taker(function, context, due_time(when));
    else next(when, queue, context, function);
}

void dispatch_source_set_timer(void *source, uint64_t start, uint64_t interval, uint64_t leeway) {
    NEXT(dispatch_source_set_timer);
    struct timer *timer = ours(source);
    if (!timer) {
        next(source, start, interval, leeway);
        return;
    }
    timer->due = due_time(start);
}

static void fire(void *object) {
    struct timer *timer = object;
    timer->function(timer->context);
}

void dispatch_activate(void *object) {
    NEXT(dispatch_activate);
    struct timer *timer = ours(object);
    if (timer) timer_taker(fire, timer, timer->due);
    else next(object);
}

void dispatch_release(void *object) {
    NEXT(dispatch_release);
    struct timer *timer = ours(object);
    if (timer) free(timer);
    else next(object);
}

void csim_run_job(void *job) {
    struct executor generic = {NULL, 0};
    swift_job_run(job, generic);
}

int csim_fork(void) { return fork(); }

void csim_fix_addresses(void) { personality(ADDR_NO_RANDOMIZE); }

int csim_contains(const void *bytes, size_t count, const void *needle, size_t needle_count) {
    return memmem(bytes, count, needle, needle_count) != NULL;
}
