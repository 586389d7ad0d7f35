#include "shim.h"
#include <stdlib.h>

// SQLite's page cache, kept from walking through all its pages at every commit.
//
// A commit tells the cache to drop the pages beyond the end of the file, and the cache looks for them whenever it has
// ever held one with a higher number. Up to 3.40 at least, each rebalanced b-tree page is given, for a moment, the
// number of the file's lock page at 1 GiB (btree.c, balance_nonroot). So in any smaller file each commit walked
// through the whole cache: a quarter of the CPU time of single events at 100,000 customers. This stands before the
// cache, keeps the highest number that it really holds, and passes on what can drop something.

struct cache {
  sqlite3_pcache *pages;
  unsigned highest;  // no page but the one set aside has a higher number
  unsigned aside;    // a page that was given a higher number, most often to swap two; 0: none
};

// SQLite's own cache.
static sqlite3_pcache_methods2 inner;

#define CACHE(cache) ((struct cache *)(cache))

static sqlite3_pcache *cache_create(int page, int extra, int purgeable) {
  struct cache *cache = (struct cache *)calloc(1, sizeof *cache);
  if (!cache) return 0;
  cache->pages = inner.xCreate(page, extra, purgeable);
  if (cache->pages) return (sqlite3_pcache *)cache;
  free(cache);
  return 0;
}
static void cache_destroy(sqlite3_pcache *cache) {
  inner.xDestroy(CACHE(cache)->pages);
  free(cache);
}
static void cache_size(sqlite3_pcache *cache, int pages) { inner.xCachesize(CACHE(cache)->pages, pages); }
static int cache_count(sqlite3_pcache *cache) { return inner.xPagecount(CACHE(cache)->pages); }
static void cache_shrink(sqlite3_pcache *cache) { inner.xShrink(CACHE(cache)->pages); }
static sqlite3_pcache_page *cache_fetch(sqlite3_pcache *cache, unsigned key, int create) {
  struct cache *own = CACHE(cache);
  if (create && key > own->highest && key != own->aside) own->highest = key;
  return inner.xFetch(own->pages, key, create);
}
static void cache_unpin(sqlite3_pcache *cache, sqlite3_pcache_page *page, int discard) {
  inner.xUnpin(CACHE(cache)->pages, page, discard);
}
static void cache_rekey(sqlite3_pcache *cache, sqlite3_pcache_page *page, unsigned from, unsigned to) {
  struct cache *own = CACHE(cache);
  if (from == own->aside) own->aside = 0;
  if (to > own->highest) {
    if (own->aside > own->highest) own->highest = own->aside;
    own->aside = to;
  }
  inner.xRekey(own->pages, page, from, to);
}
static void cache_truncate(sqlite3_pcache *cache, unsigned limit) {
  struct cache *own = CACHE(cache);
  if (limit > own->highest && limit > own->aside) return;
  inner.xTruncate(own->pages, limit);
  if (own->aside >= limit) own->aside = 0;
  if (own->highest >= limit) own->highest = limit ? limit - 1 : 0;
}

// Before main, because SQLite takes its configuration before its first use only, and not from two threads.
__attribute__((constructor)) static void configure(void) {
  // Without its statistics SQLite's allocator takes no lock that all connections share.
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  if (sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &inner) != SQLITE_OK) return;
  sqlite3_pcache_methods2 methods = inner;
  methods.xCreate = cache_create;
  methods.xDestroy = cache_destroy;
  methods.xCachesize = cache_size;
  methods.xPagecount = cache_count;
  methods.xFetch = cache_fetch;
  methods.xUnpin = cache_unpin;
  methods.xRekey = cache_rekey;
  methods.xTruncate = cache_truncate;
  methods.xShrink = cache_shrink;
  sqlite3_config(SQLITE_CONFIG_PCACHE2, &methods);
  tl_sqlite3_gathering_vfs();
}
