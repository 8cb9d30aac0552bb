/** One at a time: within one page, and, where the browser can, across all tabs of a site. */

/** Runs `work` when nobody else who shares this lock is at work. */
export type Lock = <T>(work: () => Promise<T>) => Promise<T>;

/** The part of the Web Locks API that is needed; `navigator.locks` in browsers. */
export interface LockManager {
  request<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** A lock that all tabs of one origin share. */
export function webLock(name: string, manager: LockManager): Lock {
  return (work) => manager.request(name, work);
}

/** A lock for everything that shares this very object: for Node, and old browsers. */
export function localLock(): Lock {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    // Whoever comes next waits for the end of it, not for its success.
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** The widest lock that there is here. */
export function bestLock(name: string): Lock {
  // Old browsers, pages without TLS and Node before version 24 have no such thing.
  const manager = (globalThis.navigator as { locks?: LockManager } | undefined)?.locks;
  return manager ? webLock(name, manager) : localLock();
}
