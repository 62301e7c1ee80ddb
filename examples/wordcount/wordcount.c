// A command: `wordcount [N]` reads text on standard input to its end, then prints how many lines, words and bytes there
// were, and the N (10 by default) most frequent words with their counts. A word is a run of ASCII letters, digits,
// apostrophes and bytes beyond ASCII; capitals of ASCII count as small letters. A word longer than LONGEST is cut.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 63, FIRST_SLOTS = 1024, OUT_OF_MEMORY = 1, BAD_ARGUMENT = 2 };

typedef struct {
  char *text;
  uint64_t count;
} Word;

static Word *slots;
static size_t slot_count, word_count;

static void *must(void *memory) {
  if (memory != NULL) return memory;
  fputs("wordcount: out of memory\n", stderr);
  exit(OUT_OF_MEMORY);
}

// The slot of `text`, or the free one where it belongs: FNV-1a and the next free one.
static Word *slot_of(const char *text) {
  uint32_t hash = 2166136261u;
  for (const char *c = text; *c != '\0'; c++) hash = (hash ^ (unsigned char)*c) * 16777619u;
  size_t at = hash & (slot_count - 1);
  while (slots[at].text != NULL && strcmp(slots[at].text, text) != 0) at = (at + 1) & (slot_count - 1);
  return &slots[at];
}

// Keeps at least half of the slots free.
static void grow(void) {
  Word *old = slots;
  size_t old_count = slot_count;
  slot_count = old_count == 0 ? FIRST_SLOTS : old_count * 2;
  slots = must(calloc(slot_count, sizeof *slots));
  for (size_t i = 0; i < old_count; i++) {
    if (old[i].text != NULL) *slot_of(old[i].text) = old[i];
  }
  free(old);
}

static void count(const char *text) {
  if (word_count * 2 >= slot_count) grow();
  Word *word = slot_of(text);
  if (word->text == NULL) {
    word->text = must(strdup(text));
    word_count++;
  }
  word->count++;
}

static bool is_letter(int c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || c >= 0x80;
}

// The most frequent first, then in the order of their bytes.
static int compare(const void *left, const void *right) {
  const Word *a = left, *b = right;
  if (a->count != b->count) return a->count < b->count ? 1 : -1;
  return strcmp(a->text, b->text);
}

int main(int argc, char **argv) {
  char *end = NULL;
  unsigned long most = argc > 1 ? strtoul(argv[1], &end, 10) : 10;
  if (end != NULL && (*end != '\0' || end == argv[1])) {
    fprintf(stderr, "wordcount: \"%s\" is not a number\n", argv[1]);
    return BAD_ARGUMENT;
  }
  uint64_t lines = 0, words = 0, bytes = 0;
  char word[LONGEST + 1];
  size_t length = 0;
  bool in_word = false;
  for (int c = getchar();; c = getchar()) {
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
    if (is_letter(c)) {
      if (length < LONGEST) word[length++] = (char)c;
      in_word = true;
    } else if (in_word) {
      word[length] = '\0';
      count(word);
      words++;
      length = 0;
      in_word = false;
    }
    if (c == EOF) break;
    bytes++;
    if (c == '\n') lines++;
  }
  printf("%llu lines, %llu words, %llu bytes\n", lines, words, bytes);
  size_t kept = 0;
  for (size_t i = 0; i < slot_count; i++) {
    if (slots[i].text != NULL) slots[kept++] = slots[i];
  }
  qsort(slots, kept, sizeof *slots, compare);
  for (size_t i = 0; i < kept && i < most; i++) printf("%llu %s\n", slots[i].count, slots[i].text);
  return 0;
}
