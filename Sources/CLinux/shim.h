#pragma once
// No _GNU_SOURCE: it changes system types, and then this module and others disagree about them.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

/// Glibc's module does not declare accept4; flags are SOCK_CLOEXEC | SOCK_NONBLOCK.
static inline int tl_accept4(int listener, struct sockaddr *address, socklen_t *length) {
  extern int accept4(int, struct sockaddr *, socklen_t *, int);
  return accept4(listener, address, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
}
