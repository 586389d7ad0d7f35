#pragma once
#include <stddef.h>
#include <stdint.h>

// libqrencode, opened at first use: a shop without pickup never needs it. Called by one thread at a time.

/// The version of libqrencode, or NULL where it is not on this machine, or lacks what is used here.
const char *tl_qr_version(void);

/// Makes a QR code of a text in UTF-8, with error correction of the level M: one byte for each module, row by row, whose
/// lowest bit says that it is dark. Returns how many modules a side has; 0 where there is no library, no memory or no
/// room in `modules`.
int tl_qr_encode(const char *text, uint8_t *modules, size_t room);
