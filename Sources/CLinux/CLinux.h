// What `import Glibc` lacks of the Linux kernel's interface, and two instructions that Swift has no name for.
// Headers only: nothing here is compiled on its own.
#pragma once
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <sys/un.h>
#include <time.h>

/// Asks the memory system for a line that will be read soon. Never faults, whatever the address.
static inline void redstart_prefetch(const void *address) { __builtin_prefetch(address); }

/// A counter that runs at a constant rate since the machine started; see `Ticks` for its unit.
static inline unsigned long long redstart_ticks(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    unsigned long long ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long long)now.tv_sec * 1000000000ull + (unsigned long long)now.tv_nsec;
#endif
}

/// `accept4` is behind `_GNU_SOURCE`, which Swift's importer does not define.
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);

/// `mremap` is variadic and behind `_GNU_SOURCE`; this one may move the mapping.
extern void *mremap(void *address, size_t size, size_t new_size, int flags, ...);
static inline void *redstart_remap(void *address, size_t size, size_t new_size) {
    return mremap(address, size, new_size, 1 /* MREMAP_MAYMOVE */);
}

/// Swift hides `fork`, since a child with threads cannot go on; a server forks before it has any.
#include <unistd.h>
static inline int redstart_fork(void) { return fork(); }
