/** The tokens of a sign-in, renewed by one at a time.
 *
 * A refresh token works once, and using it again ends the sign-in. So whoever needs a new access
 * token takes the lock first, and looks whether somebody else has got one meanwhile.
 */

import { apiError, SignedOutError } from "./errors.js";
import type { Lock } from "./locks.js";
import type { PairStorage, TokenPair } from "./storage.js";

export type Fetch = (request: Request) => Promise<Response>;

export interface TokensOptions {
  /** The full address of `/api/accounts/token/refresh/`. */
  refreshUrl: string;
  storage: PairStorage;
  lock: Lock;
  fetch: Fetch;
  /** How long another tab that has the new pair may take to store it. */
  successorWithinMs?: number;
}

const LOOK_AGAIN_MS = 25;
/** A token that dies on its way to the server costs a round trip more. */
const RENEW_BEFORE_END_MS = 15_000;

export class Tokens {
  readonly #options: Required<TokensOptions>;

  constructor(options: TokensOptions) {
    this.#options = { successorWithinMs: 2_000, ...options };
  }

  get pair(): TokenPair | null {
    return this.#options.storage.read();
  }

  get isSignedIn(): boolean {
    return this.pair !== null;
  }

  /** Keep a new sign-in. Waits for a renewal that is under way, which would overwrite it. */
  set(pair: TokenPair): Promise<void> {
    return this.#options.lock(async () => this.#options.storage.write(pair));
  }

  /** Forget the sign-in; returns what was kept, as it is after a renewal that is under way. */
  take(): Promise<TokenPair | null> {
    return this.#options.lock(async () => {
      const pair = this.pair;
      this.#options.storage.clear();
      return pair;
    });
  }

  /** An access token that is good by this machine's clock; null when nobody is signed in. */
  async access(): Promise<string | null> {
    const pair = this.pair;
    if (pair === null) {
      return null;
    }
    return isNearItsEnd(pair.access) ? this.renew(pair.access) : pair.access;
  }

  /** A newer access token than this one, which the API has refused or soon will.
   *
   * `SignedOutError` when the sign-in has ended; `ApiError` when the API is away or busy, and then
   * the old tokens are kept.
   */
  renew(stale: string): Promise<string> {
    return this.#options.lock(async () => {
      const pair = this.pair;
      if (pair === null) {
        throw new SignedOutError();
      }
      return pair.access === stale ? this.#exchange(pair) : pair.access;
    });
  }

  async #exchange(pair: TokenPair): Promise<string> {
    const response = await this.#options.fetch(refreshRequest(this.#options.refreshUrl, pair));
    const body: unknown = await response.json().catch(() => null);
    if (response.ok) {
      const renewed = body as TokenPair;
      this.#options.storage.write({ access: renewed.access, refresh: renewed.refresh });
      return renewed.access;
    }
    if (response.status !== 401 && response.status !== 409) {
      throw apiError(body, response);
    }
    // 409 `refresh_superseded`: a tab that shares the storage but not the lock was faster, and
    // stores what came of it any moment. After a 401 it has done so already, or nobody ever will.
    const patienceMs = response.status === 409 ? this.#options.successorWithinMs : 0;
    const successor = await this.#successorOf(pair, patienceMs);
    if (successor === null) {
      this.#options.storage.clear();
      throw new SignedOutError();
    }
    return successor.access;
  }

  async #successorOf(pair: TokenPair, patienceMs: number): Promise<TokenPair | null> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const found = this.pair;
      if (found?.refresh !== pair.refresh) {
        return found;
      }
      if (Date.now() >= deadline) {
        return null;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }
}

function refreshRequest(url: string, pair: TokenPair): Request {
  return new Request(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ refresh: pair.refresh }),
  });
}

/** Reads, and does not check: that is for the API. */
function isNearItsEnd(access: string): boolean {
  const payload = (access.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  try {
    const { exp } = JSON.parse(atob(payload)) as { exp?: unknown };
    return typeof exp === "number" && exp * 1000 - Date.now() < RENEW_BEFORE_END_MS;
  } catch {
    return false;
  }
}
