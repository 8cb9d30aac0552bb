/** The mailbox of a demo installation, read as a person would: page by page. */

import { setTimeout as pause } from "node:timers/promises";

const LOOK_AGAIN_MS = 100;
const DELIVERED_WITHIN_MS = 60_000;

/** The text of the newest mail whose subject fits, as soon as it has arrived. */
export async function mailAbout(site: string, subject: RegExp): Promise<string> {
  const deadline = Date.now() + DELIVERED_WITHIN_MS;
  while (Date.now() < deadline) {
    const list = await page(`${site}/mailbox/`);
    for (const [, path] of list.matchAll(/href="(\/mailbox\/\d+\/)"/g)) {
      const mail = await page(`${site}${path}`);
      if (subject.test(mail)) {
        return mail;
      }
    }
    await pause(LOOK_AGAIN_MS);
  }
  throw new Error(`no mail about ${subject} within ${DELIVERED_WITHIN_MS} ms`);
}

/** The token that the link to this page carries in its fragment. */
export function tokenOfLink(mail: string, path: string): string {
  const link = new RegExp(`${path}#([\\w.~:=-]+)`).exec(mail);
  if (!link?.[1]) {
    throw new Error(`no link to ${path} in the mail`);
  }
  return link[1];
}

async function page(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`${response.status} from ${url}`);
  }
  return response.text();
}
