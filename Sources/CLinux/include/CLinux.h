// Linux calls that Swift cannot import from Glibc: variadic fcntl with structures, renameat2,
// openat2, leases. No logic: each returns what the kernel returned and leaves errno alone.
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>

// openat2(2) with RESOLVE_NO_SYMLINKS: no link anywhere in `path`. Returns a descriptor or -1.
int clinux_open_without_links(int directory, const char *path, int flags, unsigned int mode);

// renameat2(2) with RENAME_NOREPLACE. EEXIST when `to` exists.
int clinux_rename_noreplace(int from_directory, const char *from, int to_directory, const char *to);

// F_OFD_SETLK with a write lock over the whole file: 0, or -1 with EAGAIN when another holds it.
int clinux_lock_whole_file(int descriptor);

// F_OFD_SETLK with F_UNLCK over the whole file: 0, or -1. Every copy of the descriptor loses the lock.
int clinux_unlock_whole_file(int descriptor);

// F_OFD_GETLK: 1 when another holds a lock on the file, 0 when nobody does, -1 on failure.
int clinux_lock_held(int descriptor);

// F_SETLEASE with F_RDLCK (1) or F_UNLCK (0): a read lease is refused (EAGAIN) while a writer exists.
int clinux_set_lease(int descriptor, int take);

// F_GETLEASE: 1 while our read lease still stands, 0 when it is broken or gone, -1 on error.
int clinux_lease_held(int descriptor);

// Sets the signal for lease breaks to one that is ignored by default, so that a break cannot kill us.
int clinux_lease_signal_ignored(int descriptor);

// FS_IOC_SETFLAGS with FS_IMMUTABLE_FL set or cleared: 0, or -1 (EPERM without CAP_LINUX_IMMUTABLE,
// ENOTTY or EOPNOTSUPP where the file system has no such flag).
int clinux_set_immutable(int descriptor, int on);

// The name in a directory entry (struct dirent): ends in a zero byte, valid until the next readdir.
const char *clinux_entry_name(const void *entry);

// memmem(3): where the bytes `needle` first stand in `bytes`, or NULL.
const void *clinux_find(const void *bytes, size_t count, const void *needle, size_t needle_count);

// statx(2): the inode and the birth time of a path, links not followed. Returns 1 with both, 0 with the
// inode alone (a file system without birth times), -1 on failure.
int clinux_birth(const char *path, uint64_t *inode, int64_t *seconds, uint32_t *nanoseconds);

// syncfs(2): everything written to the file system this descriptor lies on is on disk.
int clinux_sync_file_system(int descriptor);

// statfs(2): the kind of file system `path` lies on (f_type, as linux/magic.h numbers them), or -1.
int64_t clinux_file_system_kind(const char *path);

// The same of an open file, fstatfs(2).
int64_t clinux_file_system_kind_of(int descriptor);

// statx(2): which mount an open file was reached through; 0 where the kernel does not say (before 5.8).
// Between two mounts nothing is renamed, be they of one file system.
uint64_t clinux_mount(int descriptor);

#endif
