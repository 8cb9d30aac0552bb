/** An API of three addresses that keeps the rules of refresh tokens, and counts. */

import type { TokenPair } from "../src/index.js";

export class FakeServer {
  refreshCount = 0;
  readonly bodies: string[] = [];
  /** What the next refreshes are answered with instead. */
  readonly refreshAnswers: Response[] = [];
  #generation = 0;
  #used = new Set<string>();

  /** A pair whose access token the server takes for old. */
  signIn(): TokenPair {
    const pair = this.#next();
    this.#generation += 1;
    return { ...pair, access: "old" };
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    const path = new URL(request.url).pathname;
    // Whoever is called gives others the time to call too.
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (path.endsWith("/token/refresh/")) {
      return this.#refresh(((await request.json()) as TokenPair).refresh);
    }
    if (path.endsWith("/token/")) {
      return problem(401, "sign_in_failed");
    }
    if (path.endsWith("/revoke/")) {
      this.bodies.push(await request.text());
      return new Response(null, { status: 204 });
    }
    if (request.headers.get("Authorization") !== `Bearer access-${this.#generation}`) {
      return problem(401, "authentication_failed");
    }
    this.bodies.push(await request.text());
    return Response.json({ display_name: "Ada" });
  };

  #refresh(sent: string): Response {
    this.refreshCount += 1;
    const prepared = this.refreshAnswers.shift();
    if (prepared) {
      return prepared;
    }
    if (this.#used.has(sent)) {
      return problem(409, "refresh_superseded");
    }
    this.#used.add(sent);
    return Response.json(this.#next());
  }

  #next(): TokenPair {
    this.#generation += 1;
    return { access: `access-${this.#generation}`, refresh: `refresh-${this.#generation}` };
  }
}

export function problem(status: number, code: string, headers: Record<string, string> = {}) {
  const body = { type: "about:blank", title: "", status, detail: "No.", code, request_id: "r" };
  return Response.json(body, {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
}

/** `navigator.locks`, as browsers share it among tabs. */
export class FakeLockManager {
  readonly names: string[] = [];
  #last: Promise<unknown> = Promise.resolve();

  request<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.names.push(name);
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
