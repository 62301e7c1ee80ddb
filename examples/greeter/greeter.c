// A component: the functions of greeter.wit, as the canonical ABI passes their values. A string or a list is a pointer
// and a length; the caller puts it into memory that cabi_realloc gives, and from then on it is ours to free. A result
// that is more than a number is returned by its address, and freed in the function's cabi_post, when it has been read.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define GREETER "ghost:demo/greeter@1.0.0"
#define EXPORT(name) __attribute__((export_name(GREETER "#" name)))
#define POST(name) __attribute__((export_name("cabi_post_" GREETER "#" name)))
#define IMPORT(name) __attribute__((import_module("[export]" GREETER), import_name(name)))

static const double PI = 3.14159265358979323846;

typedef struct {
  char *text;
  uint32_t length;
} string;

__attribute__((export_name("cabi_realloc")))
void *cabi_realloc(void *old, size_t old_size, size_t alignment, size_t size) {
  (void)old_size;
  // An empty list's address must be aligned too.
  if (size == 0) return (void *)alignment;
  void *memory = realloc(old, size);
  if (memory == NULL) __builtin_trap();
  return memory;
}

/** Frees what cabi_realloc gave for `size` bytes. */
static void release(void *memory, size_t size) {
  if (size > 0) free(memory);
}

static string joined(const char *before, string middle, const char *after) {
  const size_t before_length = strlen(before), after_length = strlen(after);
  string result = {NULL, before_length + middle.length + after_length};
  result.text = cabi_realloc(NULL, 0, 1, result.length);
  memcpy(result.text, before, before_length);
  memcpy(result.text + before_length, middle.text, middle.length);
  memcpy(result.text + before_length + middle.length, after, after_length);
  return result;
}

// greet: func(name: string) -> string

EXPORT("greet") string *greet(char *text, uint32_t length) {
  static string result;
  result = joined("Hello, ", (string){text, length}, "!");
  release(text, length);
  return &result;
}

POST("greet") void greet_done(string *result) { release(result->text, result->length); }

// birthday: func(p: person) -> person

typedef struct {
  string name;
  uint32_t age;
  uint8_t has_email;
  string email;
  struct {
    string *items;
    uint32_t length;
  } tags;
  double balance;
} person;

EXPORT("birthday")
person *birthday(char *name, uint32_t name_length, uint32_t age, uint32_t has_email, char *email, uint32_t email_length,
                 string *tags, uint32_t tag_count, double balance) {
  static person result;
  // Its strings are those that were passed in.
  result = (person){{name, name_length}, age + 1, has_email, {email, email_length}, {tags, tag_count}, balance * 2};
  return &result;
}

POST("birthday") void birthday_done(person *result) {
  release(result->name.text, result->name.length);
  if (result->has_email) release(result->email.text, result->email.length);
  for (uint32_t i = 0; i < result->tags.length; i++) release(result->tags.items[i].text, result->tags.items[i].length);
  release(result->tags.items, result->tags.length * sizeof(string));
}

// area: func(s: shape) -> result<f64, string>

enum { CIRCLE, RECT, EMPTY };

typedef struct {
  uint8_t is_error;
  union {
    double ok;
    string error;
  };
} area_result;

EXPORT("area") area_result *area(uint32_t shape, double a, double b) {
  static area_result result;
  static char message[] = "nothing to measure";
  result.is_error = shape == EMPTY;
  if (shape == EMPTY) result.error = (string){message, sizeof message - 1};
  else result.ok = shape == CIRCLE ? PI * a * a : a * b;
  return &result;
}

// size: func(data: list<u8>) -> u32

EXPORT("size") uint32_t size(uint8_t *data, uint32_t length) {
  release(data, length);
  return length;
}

// sum: func(xs: list<u32>) -> u64

EXPORT("sum") uint64_t sum(uint32_t *xs, uint32_t length) {
  uint64_t total = 0;
  for (uint32_t i = 0; i < length; i++) total += xs[i];
  release(xs, length * sizeof *xs);
  return total;
}

// resource counter: outside it is a handle, here the address of its count. Its own methods get the address.

typedef struct {
  uint32_t next;
} counter;

typedef int32_t handle;

IMPORT("[resource-new]counter") handle counter_new(counter *representation);
IMPORT("[resource-rep]counter") counter *counter_rep(handle);
IMPORT("[resource-drop]counter") void counter_drop(handle);

EXPORT("[constructor]counter") handle counter_constructor(uint32_t start) {
  counter *made = cabi_realloc(NULL, 0, _Alignof(counter), sizeof(counter));
  made->next = start;
  return counter_new(made);
}

EXPORT("[method]counter.next") uint32_t counter_next(counter *self) { return self->next++; }

EXPORT("[static]counter.merge") handle counter_merge(handle a, handle b) {
  const uint32_t start = counter_rep(a)->next + counter_rep(b)->next;
  counter_drop(a);
  counter_drop(b);
  return counter_constructor(start);
}

EXPORT("[dtor]counter") void counter_destructor(counter *self) { free(self); }
