#include "include/shim.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

// What is used of libqrencode's interface (qrencode.h), which does not change within libqrencode.so.4.
typedef struct {
  int version, width;
  unsigned char *data;
} QRcode;

enum { LEVEL_M = 1, MODE_8 = 2 };

static struct {
  bool tried, is_open;
  QRcode *(*encode)(const char *, int, int, int, int);
  void (*free_code)(QRcode *);
  char *(*version)(void);
} lib;

static bool open_library(void) {
  if (lib.tried) return lib.is_open;
  lib.tried = true;
  void *library = dlopen("libqrencode.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) return false;
  *(void **)&lib.encode = dlsym(library, "QRcode_encodeString");
  *(void **)&lib.free_code = dlsym(library, "QRcode_free");
  *(void **)&lib.version = dlsym(library, "QRcode_APIVersionString");
  lib.is_open = lib.encode && lib.free_code && lib.version;
  return lib.is_open;
}

const char *tl_qr_version(void) { return open_library() ? lib.version() : NULL; }

int tl_qr_encode(const char *text, uint8_t *modules, size_t room) {
  if (!open_library()) return 0;
  QRcode *code = lib.encode(text, 0, LEVEL_M, MODE_8, 1);
  if (!code) return 0;
  int width = code->width;
  size_t count = (size_t)width * (size_t)width;
  if (count <= room) memcpy(modules, code->data, count);
  lib.free_code(code);
  return count <= room ? width : 0;
}
