// A command: `greet [NAME...]` greets each NAME, or the world. `-` stands for the names on standard input, one a line,
// each greeted as soon as it is read. `--fail` writes to standard error and exits with 3. Beside the command it exports
// a function on numbers, `fib`.

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { FAILED = 3 };

static void greet(const char *name) {
  fputs("Hello, ", stdout);
  fputs(name, stdout);
  fputs("!\n", stdout);
  // Standard output is not a terminal, so without this the greetings would come all at once, at the end.
  fflush(stdout);
}

static void greet_stdin(void) {
  char name[256];
  while (fgets(name, sizeof name, stdin)) {
    name[strcspn(name, "\n")] = '\0';
    if (name[0] != '\0') greet(name);
  }
}

int main(int argc, char **argv) {
  if (argc < 2) greet("world");
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--fail") == 0) {
      fputs("greet: failed, as asked\n", stderr);
      return FAILED;
    }
    if (strcmp(argv[i], "-") == 0) greet_stdin();
    else greet(argv[i]);
  }
  return 0;
}

// The n-th Fibonacci number; exact up to 92, 0 for a negative n.
__attribute__((export_name("fib"))) int64_t fib(int32_t n) {
  uint64_t current = 0, next = 1;
  for (int32_t i = 0; i < n; i++) {
    uint64_t sum = current + next;
    current = next;
    next = sum;
  }
  return (int64_t)current;
}
