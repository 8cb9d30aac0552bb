/** Where the two tokens of a sign-in are kept. */

export interface TokenPair {
  readonly access: string;
  readonly refresh: string;
}

/** All tabs of a browser must see the same one: a refresh token works once. */
export interface PairStorage {
  read(): TokenPair | null;
  write(pair: TokenPair): void;
  clear(): void;
}

/** Forgets with the page, or with the process. */
export function memoryStorage(): PairStorage {
  let kept: TokenPair | null = null;
  return {
    read: () => kept,
    write: (pair) => {
      kept = pair;
    },
    clear: () => {
      kept = null;
    },
  };
}

/** Keeps the pair in `localStorage`, or in anything like it. */
export function webStorage(
  key = "daily-challenge.tokens",
  place: Pick<Storage, "getItem" | "setItem" | "removeItem"> = globalThis.localStorage,
): PairStorage {
  return {
    read: () => parsePair(place.getItem(key)),
    write: (pair) => place.setItem(key, JSON.stringify(pair)),
    clear: () => place.removeItem(key),
  };
}

/** What somebody else wrote there is as good as nothing. */
function parsePair(text: string | null): TokenPair | null {
  try {
    const found: unknown = JSON.parse(text ?? "null");
    return isPair(found) ? { access: found.access, refresh: found.refresh } : null;
  } catch {
    return null;
  }
}

function isPair(found: unknown): found is TokenPair {
  const pair = found as Partial<TokenPair> | null;
  return typeof pair?.access === "string" && typeof pair.refresh === "string";
}
