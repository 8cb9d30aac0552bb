/** From signing up to erasure, against the installation that DAILY_CHALLENGE_URL names.
 *
 * It must run with DEMO=1 and keep its mails in the mailbox, which is where the links are read.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { Api, ApiError, localLock, memoryStorage, unwrap, type components } from "../src/index.js";
import { mailAbout, tokenOfLink } from "./mailbox.js";

const site = process.env["DAILY_CHALLENGE_URL"] ?? "";
const skip = site === "" && "DAILY_CHALLENGE_URL names no installation";
const email = `node-${process.pid}-${Date.now()}@example.org`;
const password = "correct horse battery staple";

function refused(code: components["schemas"]["ErrorCode"]) {
  return (error: unknown) => error instanceof ApiError && error.code === code;
}

/** A zone in which it is about noon, so that this evening is still today. */
function zoneAtNoon(): string {
  const ahead = 12 - new Date().getUTCHours();
  // The names of these zones count westwards.
  return ahead === 0 ? "Etc/GMT" : `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
}

test("the whole journey of a subscriber", { skip }, async (t) => {
  const storage = memoryStorage();
  const signedOut: string[] = [];
  const api = new Api({ baseUrl: site, storage, onSignedOut: () => signedOut.push("api") });
  const { GET, POST, PATCH } = api.calls;

  await t.test("somebody registers, and cannot sign in before the address is verified", async () => {
    const body = { email, password, display_name: "Node", timezone: zoneAtNoon() };

    const answer = await unwrap(POST("/api/accounts/register/", { body }));

    assert.match(answer.detail, /mailbox/);
    await assert.rejects(api.signIn({ email, password }), refused("sign_in_failed"));
  });

  await t.test("the link in the mail verifies the address, once", async () => {
    const body = { token: tokenOfLink(await mailAbout(site, /verify-email/), "/verify-email/") };

    const verified = await unwrap(POST("/api/accounts/verify-email/", { body }));

    assert.deepEqual(verified, { email, email_verified: true });
    await assert.rejects(
      unwrap(POST("/api/accounts/verify-email/", { body })),
      refused("invalid_token"),
    );
  });

  await t.test("they sign in, and are who they said", async () => {
    await api.signIn({ email, password });

    const me = await unwrap(GET("/api/accounts/me/"));

    assert.deepEqual(
      [me.email, me.display_name, me.role, me.email_verified],
      [email, "Node", "subscriber", true],
    );
  });

  await t.test("they choose tags and subscribe; it is due this evening", async () => {
    const tree = await unwrap(GET("/api/tags/tree/", { params: { query: { depth: 2 } } }));
    const tags = tree.slice(0, 2).map((tag) => tag.slug);
    await assert.rejects(unwrap(GET("/api/subscription/")), refused("not_subscribed"));

    const body = { tags, delivery_time: "20:00", timezone: zoneAtNoon(), consent: true };
    const { data, response } = await POST("/api/subscription/", { body });

    assert.equal(response.status, 201);
    assert.equal(response.headers.get("Location"), `${site}/api/subscription/`);
    assert.equal(data?.status, "active");
    assert.deepEqual(data.tags.map((tag) => tag.slug).sort(), tags.sort());
    await mailAbout(site, /Welcome/i);
  });

  await t.test("today's challenge comes, and its solution is not theirs yet", async () => {
    const today = await sentToday();

    const slug = today.delivery?.problem.slug ?? "";
    const params = { path: { ref: slug }, query: { render: "html" as const } };
    const problem = await unwrap(GET("/api/problems/{ref}/", { params }));
    const deliveries = await unwrap(GET("/api/deliveries/"));

    assert.deepEqual([problem.mine?.delivery_id, problem.solution], [today.delivery?.id, null]);
    assert.match(problem.statement_html ?? "", /^<p/);
    assert.deepEqual(deliveries.results.map((each) => each.problem.slug), [slug]);
  });

  await t.test("a change with a stale tag is refused, with the present one it is made", async () => {
    const { response } = await GET("/api/subscription/");
    const present = response.headers.get("ETag") ?? "";
    const change = (tag: string) =>
      PATCH("/api/subscription/", {
        params: { header: { "If-Match": tag } },
        body: { weekdays: [1, 2, 3, 4, 5] },
      });

    const changed = await unwrap(change(present));

    assert.deepEqual(changed.weekdays, [1, 2, 3, 4, 5]);
    await assert.rejects(unwrap(change(present)), refused("precondition_failed"));
  });

  await t.test("they pause and resume", async () => {
    const paused = await unwrap(POST("/api/subscription/pause/", { body: {} }));
    const resumed = await unwrap(POST("/api/subscription/resume/"));

    assert.deepEqual([paused.status, paused.next_delivery_at], ["paused", null]);
    assert.equal(resumed.status, "active");
    assert.ok(resumed.next_delivery_at);
  });

  await t.test("two tabs without a common lock renew at once, and both stay signed in", async () => {
    const tabs = [1, 2].map(() => new Api({ baseUrl: site, storage, lock: localLock() }));
    const stale = storage.read()?.access ?? "";

    const renewed = await Promise.all(tabs.map((tab) => tab.tokens.renew(stale)));

    assert.notEqual(renewed[0], stale);
    assert.equal(renewed[0], renewed[1]);
    assert.equal((await unwrap(GET("/api/accounts/me/"))).email, email);
  });

  await t.test("a refused access token is renewed on the way", async () => {
    const pair = storage.read();
    assert.ok(pair);
    await api.tokens.set({ ...pair, access: `${pair.access.slice(0, -4)}AAAA` });

    const renamed = await unwrap(PATCH("/api/accounts/me/", { body: { display_name: "Nora" } }));

    assert.equal(renamed.display_name, "Nora");
    assert.notEqual(storage.read()?.refresh, pair.refresh);
  });

  await t.test("the export holds what they gave", async () => {
    const { sections } = await unwrap(GET("/api/accounts/me/export/"));

    assert.match(JSON.stringify(sections), new RegExp(email));
    assert.match(JSON.stringify(sections), /20:00/);
  });

  await t.test("erased, nothing of them is left to sign in to", async () => {
    const body = { current_password: password };
    const { response } = await POST("/api/accounts/me/erase/", { body });

    assert.equal(response.status, 204);
    await assert.rejects(unwrap(GET("/api/accounts/me/")), refused("authentication_failed"));
    assert.deepEqual([signedOut, api.tokens.pair], [["api"], null]);
    await assert.rejects(api.signIn({ email, password }), refused("sign_in_failed"));
  });

  async function sentToday(): Promise<components["schemas"]["Today"]> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const today = await unwrap(GET("/api/deliveries/today/"));
      if (today.state === "sent") {
        return today;
      }
      assert.equal(today.state, "due");
      assert.ok(Date.now() < deadline, "today's challenge did not come");
      await pause(1_000);
    }
  }
});
