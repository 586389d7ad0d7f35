// The console's files, embedded in the binary.
#pragma once
#include <stddef.h>

struct console_file {
  const char *name;
  const unsigned char *bytes;
  size_t length;
};

// The file at a place in the list; one without a name after the last.
struct console_file console_file_at(size_t index);
