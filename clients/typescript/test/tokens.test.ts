/** Renewing tokens: once, whoever asks, and giving up only when the sign-in has ended. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  Api,
  ApiError,
  localLock,
  memoryStorage,
  SignedOutError,
  unwrap,
  webLock,
  webStorage,
  type Lock,
  type PairStorage,
} from "../src/index.js";
import { FakeLockManager, FakeServer, problem } from "./fake-server.js";

const ME = "/api/accounts/me/";

interface Tab {
  storage?: PairStorage;
  lock?: Lock;
  onSignedOut?: () => void;
}

function open(server: FakeServer, tab: Tab = {}): Api {
  const storage = tab.storage ?? memoryStorage();
  return new Api({
    baseUrl: "https://challenge.example/",
    fetch: server.fetch,
    storage,
    lock: tab.lock ?? localLock(),
    ...(tab.onSignedOut ? { onSignedOut: tab.onSignedOut } : {}),
  });
}

async function signedIn(server: FakeServer, tab: Tab = {}): Promise<Api> {
  const api = open(server, tab);
  await api.tokens.set(server.signIn());
  return api;
}

function name(api: Api): Promise<string> {
  return unwrap(api.calls.GET(ME)).then((me) => me.display_name);
}

test("ten calls with an old token renew it once", async () => {
  const server = new FakeServer();
  const api = await signedIn(server);

  const names = await Promise.all(Array.from({ length: 10 }, () => name(api)));

  assert.deepEqual(names, Array(10).fill("Ada"));
  assert.equal(server.refreshCount, 1);
});

test("a call is repeated with its body", async () => {
  const server = new FakeServer();
  const api = await signedIn(server);

  await unwrap(api.calls.PATCH(ME, { body: { display_name: "Grace" } }));

  assert.deepEqual(server.bodies, ['{"display_name":"Grace"}']);
});

test("tabs that share a Web Lock renew once between them", async () => {
  const [server, storage, manager] = [new FakeServer(), memoryStorage(), new FakeLockManager()];
  const lock = () => webLock("refresh", manager);
  const first = await signedIn(server, { storage, lock: lock() });
  const second = open(server, { storage, lock: lock() });

  const names = await Promise.all([name(first), name(second)]);

  assert.deepEqual(names, ["Ada", "Ada"]);
  assert.equal(server.refreshCount, 1);
  assert.deepEqual(new Set(manager.names), new Set(["refresh"]));
});

test("tabs without a common lock: the slower one takes what the faster one stored", async () => {
  const [server, storage] = [new FakeServer(), memoryStorage()];
  const first = await signedIn(server, { storage });
  const second = open(server, { storage });

  const names = await Promise.all([name(first), name(second)]);

  assert.deepEqual(names, ["Ada", "Ada"]);
  assert.equal(server.refreshCount, 2);
});

test("a successor that nobody stores ends the sign-in", async () => {
  const server = new FakeServer();
  let count = 0;
  const api = await signedIn(server, { onSignedOut: () => (count += 1) });
  server.refreshAnswers.push(problem(409, "refresh_superseded"));

  const { error, response } = await api.calls.GET(ME);

  assert.equal(response.status, 401);
  assert.equal(error?.code, "authentication_failed");
  assert.deepEqual([count, api.tokens.isSignedIn], [1, false]);
});

test("a refused refresh token ends the sign-in", async () => {
  const server = new FakeServer();
  const api = await signedIn(server);
  server.refreshAnswers.push(problem(401, "authentication_failed"));

  await assert.rejects(api.tokens.renew("old"), SignedOutError);

  assert.equal(api.tokens.pair, null);
  await assert.rejects(api.tokens.renew("old"), SignedOutError);
  assert.equal(server.refreshCount, 1);
});

test("an API that is away for a moment costs nobody their sign-in", async () => {
  const server = new FakeServer();
  const api = await signedIn(server);
  server.refreshAnswers.push(problem(503, "unavailable", { "Retry-After": "5" }));

  await assert.rejects(
    name(api),
    (error) => error instanceof ApiError && error.code === "unavailable" && error.retryAfterS === 5,
  );

  assert.equal(await name(api), "Ada");
});

test("an answer of somebody on the way is an error with the right status", async () => {
  const server = new FakeServer();
  const api = await signedIn(server);
  server.refreshAnswers.push(new Response("<h1>Bad gateway</h1>", { status: 502 }));

  await assert.rejects(name(api), (error) => error instanceof ApiError && error.problem.status === 502);

  assert.ok(api.tokens.isSignedIn);
});

test("a token near its end is renewed before it is sent", async () => {
  const server = new FakeServer();
  const api = open(server);
  const claims = btoa(JSON.stringify({ exp: Date.now() / 1000 + 5 })).replace(/=+$/, "");
  await api.tokens.set({ ...server.signIn(), access: `header.${claims}.signature` });

  assert.equal(await api.tokens.access(), api.tokens.pair?.access);

  assert.equal(server.refreshCount, 1);
});

test("a wrong password renews nothing", async () => {
  const server = new FakeServer();
  const api = await signedIn(server);

  await assert.rejects(
    api.signIn({ email: "ada@example.org", password: "wrong" }),
    (error) => error instanceof ApiError && error.code === "sign_in_failed",
  );

  assert.equal(server.refreshCount, 0);
});

test("signing out while a renewal is under way leaves nobody signed in", async () => {
  const server = new FakeServer();
  const api = await signedIn(server);

  const [renewed] = await Promise.all([api.tokens.renew("old"), api.signOut()]);

  assert.match(renewed, /^access-/);
  assert.equal(api.tokens.pair, null);
  assert.match(server.bodies.at(-1) ?? "", /"refresh-3"/);
});

test("without a sign-in no token is sent and none is renewed", async () => {
  const server = new FakeServer();

  const { response } = await open(server).calls.GET(ME);

  assert.equal(response.status, 401);
  assert.equal(server.refreshCount, 0);
});

test("a lock goes on after a failure", async () => {
  const lock = localLock();
  const order: string[] = [];

  const failed = lock(async () => {
    order.push("first");
    throw new Error("no");
  });
  const next = lock(async () => order.push("second"));

  await assert.rejects(failed, /no/);
  await next;
  assert.deepEqual(order, ["first", "second"]);
});

test("what somebody else wrote into the storage is nobody's sign-in", () => {
  const kept = new Map<string, string>();
  const storage = webStorage("key", {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, text) => void kept.set(key, text),
    removeItem: (key) => void kept.delete(key),
  });

  for (const text of ["{", "7", "null", '{"access":"a"}', '{"access":1,"refresh":2}']) {
    kept.set("key", text);
    assert.equal(storage.read(), null);
  }
  storage.write({ access: "a", refresh: "b" });
  assert.deepEqual(storage.read(), { access: "a", refresh: "b" });
  storage.clear();
  assert.equal(storage.read(), null);
});
