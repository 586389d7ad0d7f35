#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// libcurl, opened at first use: it brings thirty libraries with it, which a shop without webhooks never needs.
// Everything but tl_curl_wake is called by one thread.

/// Requests that are on their way.
typedef struct tl_curl tl_curl;

/// Says whether an address may be connected to: 4 or 16 bytes in network order.
typedef bool (*tl_curl_allows)(void *context, const uint8_t *address, size_t length);

/// How a request ended.
typedef struct {
  /// Which one, as it was started.
  uint64_t id;
  /// The HTTP status; 0 where there was no answer.
  int status;
  /// The answer's Retry-After in seconds; -1 where it has none, or a date.
  long retry_after;
  /// Whether an address was refused by `tl_curl_allows`.
  bool refused;
  /// What went wrong, in libcurl's words; empty where there was an answer.
  char error[128];
} tl_curl_result;

/// The version of libcurl, or NULL where it is not on this machine, or lacks what is used here.
const char *tl_curl_version(void);

/// Makes a set of requests; NULL where there is no libcurl.
tl_curl *tl_curl_make(tl_curl_allows allows, void *context);

/// Ends all of its requests.
void tl_curl_free(tl_curl *curl);

/// Starts a POST; false where it cannot be started. `headers` are whole lines, the last one NULL.
bool tl_curl_post(tl_curl *curl, uint64_t id, const char *url, const char *const *headers, const uint8_t *body,
                  size_t length, long timeout_ms, bool allows_http);

/// Sends and receives, for at most so long where nothing happens, until one has ended or tl_curl_wake was called.
void tl_curl_run(tl_curl *curl, int milliseconds);

/// The next request that has ended; false where there is none.
bool tl_curl_next(tl_curl *curl, tl_curl_result *result);

/// Ends tl_curl_run soon; from any thread.
void tl_curl_wake(tl_curl *curl);
