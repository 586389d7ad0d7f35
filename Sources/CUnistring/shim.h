#pragma once
#include <unicase.h>
#include <uninorm.h>

// The form is a macro over an incomplete type, which Swift cannot read.
static inline uninorm_t tl_uninorm_nfkd(void) { return UNINORM_NFKD; }
