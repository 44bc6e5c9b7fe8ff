#define _GNU_SOURCE
#include "CLinux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

int clinux_open_without_links(int directory, const char *path, int flags, unsigned int mode) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = (uint64_t)(unsigned int)flags;
    how.mode = (flags & O_CREAT) ? mode : 0;
    how.resolve = RESOLVE_NO_SYMLINKS;
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int clinux_rename_noreplace(int from_directory, const char *from, int to_directory, const char *to) {
    return renameat2(from_directory, from, to_directory, to, RENAME_NOREPLACE);
}

static int set_whole_lock(int descriptor, short type) {
    struct flock lock;
    memset(&lock, 0, sizeof lock);
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return fcntl(descriptor, F_OFD_SETLK, &lock);
}

int clinux_lock_whole_file(int descriptor) { return set_whole_lock(descriptor, F_WRLCK); }

int clinux_unlock_whole_file(int descriptor) { return set_whole_lock(descriptor, F_UNLCK); }

int clinux_lock_held(int descriptor) {
    struct flock lock;
    memset(&lock, 0, sizeof lock);
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (fcntl(descriptor, F_OFD_GETLK, &lock) != 0) return -1;
    return lock.l_type == F_UNLCK ? 0 : 1;
}

int clinux_set_lease(int descriptor, int take) {
    return fcntl(descriptor, F_SETLEASE, take ? F_RDLCK : F_UNLCK);
}

int clinux_lease_held(int descriptor) {
    int kind = fcntl(descriptor, F_GETLEASE);
    if (kind < 0) return -1;
    return kind == F_RDLCK ? 1 : 0;
}

int clinux_lease_signal_ignored(int descriptor) {
    return fcntl(descriptor, F_SETSIG, SIGURG);
}

int clinux_set_immutable(int descriptor, int on) {
    int flags = 0;
    if (ioctl(descriptor, FS_IOC_GETFLAGS, &flags) != 0) return -1;
    flags = on ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
    return ioctl(descriptor, FS_IOC_SETFLAGS, &flags);
}

const char *clinux_entry_name(const void *entry) {
    return ((const struct dirent *)entry)->d_name;
}

const void *clinux_find(const void *bytes, size_t count, const void *needle, size_t needle_count) {
    return memmem(bytes, count, needle, needle_count);
}

int clinux_sync_file_system(int descriptor) { return syncfs(descriptor); }

int clinux_birth(const char *path, uint64_t *inode, int64_t *seconds, uint32_t *nanoseconds) {
    struct statx found;
    memset(&found, 0, sizeof found);
    if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &found) != 0) return -1;
    *inode = found.stx_ino;
    if (!(found.stx_mask & STATX_BTIME)) return 0;
    *seconds = found.stx_btime.tv_sec;
    *nanoseconds = found.stx_btime.tv_nsec;
    return 1;
}

int64_t clinux_file_system_kind(const char *path) {
    struct statfs status;
    if (statfs(path, &status) != 0) return -1;
    return (int64_t)((uint64_t)status.f_type & 0xFFFFFFFFu);
}

int64_t clinux_file_system_kind_of(int descriptor) {
    struct statfs status;
    if (fstatfs(descriptor, &status) != 0) return -1;
    return (int64_t)((uint64_t)status.f_type & 0xFFFFFFFFu);
}

uint64_t clinux_mount(int descriptor) {
    struct statx found;
    memset(&found, 0, sizeof found);
    if (statx(descriptor, "", AT_EMPTY_PATH, STATX_MNT_ID, &found) != 0) return 0;
    return found.stx_mask & STATX_MNT_ID ? found.stx_mnt_id : 0;
}
