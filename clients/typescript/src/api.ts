/** The API as typed calls that carry the token of whoever is signed in. */

import createClient, { type Client, type Middleware } from "openapi-fetch";

import { apiError, SignedOutError, unwrap } from "./errors.js";
import { bestLock, type Lock } from "./locks.js";
import type { components, paths } from "./schema.js";
import { memoryStorage, webStorage, type PairStorage } from "./storage.js";
import { Tokens, type Fetch } from "./tokens.js";

export interface ApiOptions {
  /** Where the platform is, such as `https://challenge.example`. */
  baseUrl: string;
  /** `localStorage` in browsers, memory elsewhere. */
  storage?: PairStorage;
  /** Web Locks where they exist, else a lock of this very object. */
  lock?: Lock;
  fetch?: Fetch;
  /** Called once when a sign-in turns out to have ended, to ask for the password again. */
  onSignedOut?: () => void;
}

export type Credentials = components["schemas"]["SignInRequest"];

const LOCK_NAME = "daily-challenge.refresh";

export class Api {
  readonly tokens: Tokens;
  /** `GET`, `POST`, `PUT`, `PATCH` and `DELETE` of every path in the schema. */
  readonly calls: Client<paths>;

  constructor(options: ApiOptions) {
    const baseUrl = options.baseUrl.replace(/\/+$/, "");
    const fetch: Fetch = options.fetch ?? ((request) => globalThis.fetch(request));
    this.tokens = new Tokens({
      refreshUrl: `${baseUrl}/api/accounts/token/refresh/`,
      storage: options.storage ?? defaultStorage(),
      lock: options.lock ?? bestLock(LOCK_NAME),
      fetch,
    });
    this.calls = createClient<paths>({ baseUrl, fetch });
    this.calls.use(bearer(this.tokens, fetch, options.onSignedOut ?? (() => undefined)));
  }

  /** Throws `ApiError` with `sign_in_failed`, whatever the reason. */
  async signIn(credentials: Credentials): Promise<void> {
    const call = this.calls.POST("/api/accounts/token/", { body: credentials });
    await this.tokens.set(await unwrap(call));
  }

  /** Ends this sign-in, here whatever the server answers. */
  async signOut(): Promise<void> {
    const pair = await this.tokens.take();
    if (pair !== null) {
      const body = { refresh: pair.refresh };
      await unwrap(this.calls.POST("/api/accounts/token/revoke/", { body }));
    }
  }
}

/** Puts the token on each request; when it is refused, renews it and asks once more. */
function bearer(tokens: Tokens, fetch: Fetch, onSignedOut: () => void): Middleware {
  // A body can be read once, so a second try needs a copy from before the first.
  const copies = new Map<string, Request>();

  async function renewed(stale: string): Promise<string | null> {
    try {
      return await tokens.renew(stale);
    } catch (error) {
      if (!(error instanceof SignedOutError)) {
        throw error;
      }
      onSignedOut();
      return null;
    }
  }

  return {
    async onRequest({ request, id }) {
      const pair = tokens.pair;
      if (pair === null || request.headers.has("Authorization")) {
        return;
      }
      const access = await tokens.access().catch(() => pair.access);
      request.headers.set("Authorization", `Bearer ${access ?? pair.access}`);
      copies.set(id, request.clone());
    },
    async onResponse({ response, id }) {
      const copy = copies.get(id);
      copies.delete(id);
      if (copy === undefined || !(await isRefusedToken(response))) {
        return;
      }
      const stale = copy.headers.get("Authorization")?.replace("Bearer ", "") ?? "";
      const access = await renewed(stale);
      if (access === null) {
        return;
      }
      copy.headers.set("Authorization", `Bearer ${access}`);
      return fetch(copy);
    },
    onError({ id }) {
      copies.delete(id);
    },
  };
}

/** A wrong password is 401 too, and no newer token mends it. */
async function isRefusedToken(response: Response): Promise<boolean> {
  if (response.status !== 401) {
    return false;
  }
  const body: unknown = await response.clone().json().catch(() => null);
  return apiError(body, response).code === "authentication_failed";
}

function defaultStorage(): PairStorage {
  return typeof globalThis.localStorage === "undefined" ? memoryStorage() : webStorage();
}
