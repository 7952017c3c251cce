// Tells the thread sanitizer of Swift's Mutex. Its quick paths are compiled into this program and seen; what a lock does that somebody else
// waits for is in Swift's own library, which no sanitizer looks into: each such hand-over would be taken for a race.
// Built and preloaded by scripts/nightly.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define SELF __attribute__((swift_context)) void *self
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// Of the sanitizer: programs without one, as swift itself, get this preloaded too.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

__attribute__((swiftcall)) void lock(uint32_t thread, SELF) __asm__(LOCK);
__attribute__((swiftcall)) bool try_lock(SELF) __asm__(TRY_LOCK);
__attribute__((swiftcall)) void unlock(SELF) __asm__(UNLOCK);

__attribute__((swiftcall)) void lock(uint32_t thread, SELF) {
    __attribute__((swiftcall)) void (*theirs)(uint32_t, SELF);
    *(void **)&theirs = dlsym(RTLD_NEXT, LOCK);
    theirs(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

__attribute__((swiftcall)) bool try_lock(SELF) {
    __attribute__((swiftcall)) bool (*theirs)(SELF);
    *(void **)&theirs = dlsym(RTLD_NEXT, TRY_LOCK);
    bool is_taken = theirs(self);
    if (is_taken && __tsan_acquire) __tsan_acquire(self);
    return is_taken;
}

__attribute__((swiftcall)) void unlock(SELF) {
    __attribute__((swiftcall)) void (*theirs)(SELF);
    *(void **)&theirs = dlsym(RTLD_NEXT, UNLOCK);
    if (__tsan_release) __tsan_release(self);
    theirs(self);
}
