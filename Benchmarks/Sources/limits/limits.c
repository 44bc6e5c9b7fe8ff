// What a durable, compressed append costs at the least: zlib, write, fdatasync, and nothing else.
//
//   limits group LINES OUT     deflate -6 in commits of 64 lines, each flushed, written and synced
//   limits plain LINES OUT     the lines as they are, in commits of 64, each written and synced
//   limits single OUT N BYTES  N times: write BYTES bytes, fdatasync
//
// Prints seconds, commits and bytes written. Exit 1 when anything fails.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum { commit_lines = 64, level = 6, gzip_window_bits = 31, chunk_bytes = 1 << 20 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int create(const char *path) {
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) fail(path);
    return file;
}

static void write_durably(int file, const unsigned char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(file, bytes, count);
        if (written < 0) fail("write");
        bytes += written;
        count -= (size_t)written;
    }
    if (fdatasync(file) != 0) fail("fdatasync");
}

static unsigned char *read_all(const char *path, size_t *count) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) fail(path);
    unsigned char *bytes = malloc((size_t)status.st_size + 1);
    if (bytes == NULL) fail("malloc");
    size_t got = 0;
    while (got < (size_t)status.st_size) {
        ssize_t step = read(file, bytes + got, (size_t)status.st_size - got);
        if (step <= 0) fail("read");
        got += (size_t)step;
    }
    close(file);
    *count = got;
    return bytes;
}

// The end of the commit that starts at `at`: behind its 64th line, or the end of all.
static size_t commit_end(const unsigned char *bytes, size_t at, size_t count) {
    for (int line = 0; line < commit_lines && at < count; line++) {
        const unsigned char *newline = memchr(bytes + at, '\n', count - at);
        at = newline == NULL ? count : (size_t)(newline - bytes) + 1;
    }
    return at;
}

static int group(const char *lines, const char *out) {
    size_t count = 0;
    unsigned char *bytes = read_all(lines, &count);
    unsigned char *buffer = malloc(chunk_bytes);
    z_stream stream = {0};
    if (buffer == NULL) fail("malloc");
    if (deflateInit2(&stream, level, Z_DEFLATED, gzip_window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        fail("deflateInit2");
    int file = create(out);
    unsigned long commits = 0;
    size_t total = 0;
    double began = now();
    for (size_t at = 0; at < count;) {
        size_t end = commit_end(bytes, at, count);
        stream.next_in = bytes + at;
        stream.avail_in = (unsigned)(end - at);
        stream.next_out = buffer;
        stream.avail_out = chunk_bytes;
        if (deflate(&stream, Z_SYNC_FLUSH) != Z_OK || stream.avail_in != 0) fail("deflate");
        write_durably(file, buffer, chunk_bytes - stream.avail_out);
        total += chunk_bytes - stream.avail_out;
        commits++;
        at = end;
    }
    printf("%.6f %lu %zu\n", now() - began, commits, total);
    return 0;
}

static int plain(const char *lines, const char *out) {
    size_t count = 0;
    unsigned char *bytes = read_all(lines, &count);
    int file = create(out);
    unsigned long commits = 0;
    double began = now();
    for (size_t at = 0; at < count; commits++) {
        size_t end = commit_end(bytes, at, count);
        write_durably(file, bytes + at, end - at);
        at = end;
    }
    printf("%.6f %lu %zu\n", now() - began, commits, count);
    return 0;
}

static int single(const char *out, long times, long size) {
    unsigned char *bytes = malloc((size_t)size + 1);
    if (bytes == NULL) fail("malloc");
    memset(bytes, 0xA5, (size_t)size);
    int file = create(out);
    double began = now();
    for (long i = 0; i < times; i++) write_durably(file, bytes, (size_t)size);
    printf("%.6f %ld %ld\n", now() - began, times, times * size);
    return 0;
}

int main(int count, char **words) {
    if (count == 4 && strcmp(words[1], "group") == 0) return group(words[2], words[3]);
    if (count == 4 && strcmp(words[1], "plain") == 0) return plain(words[2], words[3]);
    if (count == 5 && strcmp(words[1], "single") == 0)
        return single(words[2], atol(words[3]), atol(words[4]));
    if (count == 2 && strcmp(words[1], "zlib") == 0) return puts(zlibVersion()) < 0;
    fprintf(stderr, "usage: limits group|plain LINES OUT | single OUT N BYTES | zlib\n");
    return 64;
}
