#pragma once
#include <unicase.h>
#include <uninorm.h>

// Swift sees no variables of a type that a header leaves open, and the forms of normalisation are such.

static inline uint8_t *tl_compose(const uint8_t *text, size_t count, uint8_t *buffer, size_t *length) {
  return u8_normalize(UNINORM_NFC, text, count, buffer, length);
}

static inline uint8_t *tl_fold(const uint8_t *text, size_t count, uint8_t *buffer, size_t *length) {
  return u8_casefold(text, count, NULL, UNINORM_NFC, buffer, length);
}
