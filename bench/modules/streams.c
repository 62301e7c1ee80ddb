// A program's streams: `lines N` writes N lines, `copy` its standard input to its standard output.
//
//     clang --target=wasm32-wasi -O2 -s -Wall -Wextra -o streams.wasm streams.c

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int copy(void) {
  static char buffer[1 << 21];
  for (ssize_t length; (length = read(0, buffer, sizeof buffer)) > 0;) {
    for (ssize_t written = 0; written < length;) {
      ssize_t count = write(1, buffer + written, (size_t)(length - written));
      if (count < 0) return 1;
      written += count;
    }
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "copy") == 0) return copy();
  if (argc != 3 || strcmp(argv[1], "lines") != 0) return 2;
  for (long left = atol(argv[2]); left > 0; left--) {
    if (puts("y") < 0) return 1;
  }
  return 0;
}
