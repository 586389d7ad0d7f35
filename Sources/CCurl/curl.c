#include "include/shim.h"

#include <dlfcn.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

// What is used of libcurl's interface (curl.h and multi.h), whose numbers do not change within libcurl.so.4.
typedef void CURL, CURLM;
struct curl_slist;
struct curl_sockaddr {
  int family, socktype, protocol;
  unsigned int addrlen;
  struct sockaddr addr;
};
typedef struct {
  int msg;
  CURL *easy_handle;
  union {
    void *whatever;
    int result;
  } data;
} CURLMsg;

enum {
  OPT_TIMEOUT_MS = 155, OPT_NOSIGNAL = 99, OPT_POST = 47, OPT_POSTFIELDSIZE = 60, OPT_PROTOCOLS = 181,
  OPT_FOLLOWLOCATION = 52, OPT_HTTP_VERSION = 84, OPT_HTTP09_ALLOWED = 285,
  OPT_WRITEDATA = 10001, OPT_URL = 10002, OPT_PROXY = 10004, OPT_POSTFIELDS = 10015, OPT_HTTPHEADER = 10023,
  OPT_HEADERDATA = 10029, OPT_PRIVATE = 10103, OPT_OPENSOCKETDATA = 10164, OPT_NOPROXY = 10177,
  OPT_WRITEFUNCTION = 20011, OPT_HEADERFUNCTION = 20079, OPT_OPENSOCKETFUNCTION = 20163,
  INFO_RESPONSE_CODE = 0x200002, INFO_PRIVATE = 0x100015,
  PROTO_HTTP = 1, PROTO_HTTPS = 2, HTTP_1_1 = 2, MSG_DONE = 1, GLOBAL_ALL = 3, SOCKET_BAD = -1
};

static struct {
  bool tried;
  const char *(*version)(void);
  int (*global_init)(long);
  CURL *(*easy_init)(void);
  int (*easy_setopt)(CURL *, int, ...);
  int (*easy_getinfo)(CURL *, int, ...);
  void (*easy_cleanup)(CURL *);
  const char *(*easy_strerror)(int);
  struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
  void (*slist_free_all)(struct curl_slist *);
  CURLM *(*multi_init)(void);
  int (*multi_add_handle)(CURLM *, CURL *);
  int (*multi_remove_handle)(CURLM *, CURL *);
  int (*multi_perform)(CURLM *, int *);
  int (*multi_poll)(CURLM *, void *, unsigned, int, int *);
  int (*multi_wakeup)(CURLM *);
  CURLMsg *(*multi_info_read)(CURLM *, int *);
  int (*multi_cleanup)(CURLM *);
} lib;

static bool is_open;

static bool look_up(void *library) {
#define FIND(name) ((*(void **)&lib.name = dlsym(library, "curl_" #name)) != NULL)
  return FIND(version) && FIND(global_init) && FIND(easy_init) && FIND(easy_setopt) && FIND(easy_getinfo)
         && FIND(easy_cleanup) && FIND(easy_strerror) && FIND(slist_append) && FIND(slist_free_all) && FIND(multi_init)
         && FIND(multi_add_handle) && FIND(multi_remove_handle) && FIND(multi_perform) && FIND(multi_poll)
         && FIND(multi_wakeup) && FIND(multi_info_read) && FIND(multi_cleanup);
#undef FIND
}

static bool open_library(void) {
  if (lib.tried) return is_open;
  lib.tried = true;
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  is_open = library && look_up(library) && lib.global_init(GLOBAL_ALL) == 0;
  return is_open;
}

const char *tl_curl_version(void) { return open_library() ? lib.version() : NULL; }

// One request, in the list of those on their way.
typedef struct request {
  struct request *next;
  struct tl_curl *curl;
  CURL *easy;
  struct curl_slist *headers;
  uint8_t *body;
  size_t received;
  tl_curl_result result;
} request;

struct tl_curl {
  CURLM *multi;
  tl_curl_allows allows;
  void *context;
  request *running, *ended;
};

tl_curl *tl_curl_make(tl_curl_allows allows, void *context) {
  if (!open_library()) return NULL;
  tl_curl *curl = calloc(1, sizeof *curl);
  if (!curl) return NULL;
  curl->multi = lib.multi_init();
  curl->allows = allows;
  curl->context = context;
  if (curl->multi) return curl;
  free(curl);
  return NULL;
}

static void free_request(request *one) {
  if (one->easy) lib.easy_cleanup(one->easy);
  lib.slist_free_all(one->headers);
  free(one->body);
  free(one);
}

void tl_curl_free(tl_curl *curl) {
  request *next;
  for (request *one = curl->running; one; one = next) {
    next = one->next;
    lib.multi_remove_handle(curl->multi, one->easy);
    free_request(one);
  }
  for (request *one = curl->ended; one; one = next) {
    next = one->next;
    free_request(one);
  }
  lib.multi_cleanup(curl->multi);
  free(curl);
}

// Every address is looked at when it is connected to, so that no answer of a name server made after a check matters.
static int open_socket(void *data, int purpose, struct curl_sockaddr *address) {
  (void)purpose;
  request *one = data;
  bool allowed = false;
  if (address->family == AF_INET) {
    struct sockaddr_in *in = (struct sockaddr_in *)&address->addr;
    allowed = one->curl->allows(one->curl->context, (const uint8_t *)&in->sin_addr, 4);
  } else if (address->family == AF_INET6) {
    struct sockaddr_in6 *in = (struct sockaddr_in6 *)&address->addr;
    allowed = one->curl->allows(one->curl->context, (const uint8_t *)&in->sin6_addr, 16);
  }
  if (!allowed) {
    one->result.refused = true;
    return SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Nobody reads the body of an answer; one without an end is cut off, and its status counts.
enum { MOST_RECEIVED = 64 << 10 };

static size_t take_body(char *bytes, size_t size, size_t count, void *data) {
  (void)bytes;
  request *one = data;
  one->received += size * count;
  return one->received > MOST_RECEIVED ? 0 : size * count;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *data) {
  static const char name[] = "retry-after:";
  request *one = data;
  size_t length = size * count;
  // A second status line begins another answer, after `100 Continue`.
  if (length > 5 && memcmp(bytes, "HTTP/", 5) == 0) one->result.retry_after = -1;
  if (length > sizeof name && strncasecmp(bytes, name, sizeof name - 1) == 0) {
    char text[16] = {0}, *end;
    size_t start = sizeof name - 1;
    while (start < length && (bytes[start] == ' ' || bytes[start] == '\t')) start++;
    size_t rest = length - start;
    memcpy(text, bytes + start, rest < sizeof text ? rest : sizeof text - 1);
    long seconds = strtol(text, &end, 10);
    if (end != text && seconds >= 0 && (*end == '\r' || *end == '\n' || *end == 0)) one->result.retry_after = seconds;
  }
  return length;
}

bool tl_curl_post(tl_curl *curl, uint64_t id, const char *url, const char *const *headers, const uint8_t *body,
                  size_t length, long timeout_ms, bool allows_http) {
  request *one = calloc(1, sizeof *one);
  if (!one) return false;
  one->curl = curl;
  one->result.id = id;
  one->result.retry_after = -1;
  one->easy = lib.easy_init();
  one->body = malloc(length ? length : 1);
  if (!one->easy || !one->body) return free_request(one), false;
  memcpy(one->body, body, length);
  for (; *headers; headers++) one->headers = lib.slist_append(one->headers, *headers);
  CURL *easy = one->easy;
  long protocols = allows_http ? PROTO_HTTP | PROTO_HTTPS : PROTO_HTTPS;
  bool set = lib.easy_setopt(easy, OPT_URL, url) == 0 && lib.easy_setopt(easy, OPT_PROTOCOLS, protocols) == 0
             && lib.easy_setopt(easy, OPT_FOLLOWLOCATION, 0L) == 0 && lib.easy_setopt(easy, OPT_NOSIGNAL, 1L) == 0
             // No proxy of the environment: it would connect in our place, unlooked at.
             && lib.easy_setopt(easy, OPT_PROXY, "") == 0 && lib.easy_setopt(easy, OPT_NOPROXY, "*") == 0
             && lib.easy_setopt(easy, OPT_HTTP_VERSION, (long)HTTP_1_1) == 0
             && lib.easy_setopt(easy, OPT_HTTP09_ALLOWED, 0L) == 0
             && lib.easy_setopt(easy, OPT_TIMEOUT_MS, timeout_ms) == 0
             && lib.easy_setopt(easy, OPT_HTTPHEADER, one->headers) == 0 && lib.easy_setopt(easy, OPT_POST, 1L) == 0
             && lib.easy_setopt(easy, OPT_POSTFIELDSIZE, (long)length) == 0
             && lib.easy_setopt(easy, OPT_POSTFIELDS, one->body) == 0
             && lib.easy_setopt(easy, OPT_WRITEFUNCTION, take_body) == 0 && lib.easy_setopt(easy, OPT_WRITEDATA, one) == 0
             && lib.easy_setopt(easy, OPT_HEADERFUNCTION, take_header) == 0
             && lib.easy_setopt(easy, OPT_HEADERDATA, one) == 0
             && lib.easy_setopt(easy, OPT_OPENSOCKETFUNCTION, open_socket) == 0
             && lib.easy_setopt(easy, OPT_OPENSOCKETDATA, one) == 0 && lib.easy_setopt(easy, OPT_PRIVATE, one) == 0;
  if (!set || lib.multi_add_handle(curl->multi, easy) != 0) return free_request(one), false;
  one->next = curl->running;
  curl->running = one;
  return true;
}

static void end(tl_curl *curl, CURL *easy, int code) {
  request *one = NULL;
  long status = 0;
  lib.easy_getinfo(easy, INFO_PRIVATE, &one);
  lib.easy_getinfo(easy, INFO_RESPONSE_CODE, &status);
  bool is_answered = code == 0 || (status > 0 && one->received > MOST_RECEIVED);
  one->result.status = is_answered ? (int)status : 0;
  if (!is_answered) strncpy(one->result.error, lib.easy_strerror(code), sizeof one->result.error - 1);
  lib.multi_remove_handle(curl->multi, easy);
  for (request **place = &curl->running; *place; place = &(*place)->next) {
    if (*place != one) continue;
    *place = one->next;
    break;
  }
  one->next = curl->ended;
  curl->ended = one;
}

void tl_curl_run(tl_curl *curl, int milliseconds) {
  int running, left, events;
  lib.multi_perform(curl->multi, &running);
  for (CURLMsg *message; (message = lib.multi_info_read(curl->multi, &left));) {
    if (message->msg == MSG_DONE) end(curl, message->easy_handle, message->data.result);
  }
  if (!curl->ended) lib.multi_poll(curl->multi, NULL, 0, milliseconds, &events);
}

bool tl_curl_next(tl_curl *curl, tl_curl_result *result) {
  request *one = curl->ended;
  if (!one) return false;
  curl->ended = one->next;
  *result = one->result;
  free_request(one);
  return true;
}

void tl_curl_wake(tl_curl *curl) { lib.multi_wakeup(curl->multi); }
