// zlib for Swift: the macros deflateInit2 and inflateInit2 cannot be imported, so they are
// wrapped here. No logic.
#ifndef CZLIB_H
#define CZLIB_H

#include <zlib.h>

int czlib_deflate_init(z_stream *stream, int level, int window_bits, int strategy);
int czlib_inflate_init(z_stream *stream, int window_bits);

#endif
