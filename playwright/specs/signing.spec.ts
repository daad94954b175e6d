// What every page has in common that signs: of which kind a statement is, whose word, for which portal, and that the passkey signs
// exactly that. Seen on one page, because one place looks at it for all of them.

import { asksPasskey, digest, hasSigned, signsNothing } from "../support/hostile.ts";
import { LockdownPage } from "../support/pages/lockdown.ts";
import { expect, test } from "../support/test.ts";

const PREPARE = /\/lockdown\/proposals\/prepare$/;

/** Fills in and presses what takes a signature. */
async function press(page: LockdownPage): Promise<void> {
  await page.reason.fill("Credentials of the backend were seen elsewhere");
  await page.button.click();
}

test("a portal that has another kind of statement signed, another's word, or one for another portal gets no signature", async ({ people }) => {
  const [admin, other] = [await people.joined("admin"), await people.joined("admin")];
  const { id } = await other.page.evaluate(async () => {
    const { member } = (await (await fetch("/api/v1/session")).json()) as { member: { id: string } };
    return member;
  });
  const page = new LockdownPage(admin.page);
  const lies = {
    kind: "halligan/v1/reenrolment",
    member: id,
    agency_id: other.agencyId,
    origin: "https://portal.example",
  };
  let sent = 0;
  admin.page.on("request", (request) => (sent += Number(/\/proposals$/.test(request.url()))));
  for (const [name, lie] of Object.entries(lies)) {
    await test.step(name, async () => {
      await hasSigned(admin.page, PREPARE, ({ statement }) => {
        expect(statement[name]).not.toBe(lie);
        statement[name] = lie;
      });
      await page.open();
      await signsNothing(admin, () => press(page));
      await admin.page.unrouteAll();
    });
  }
  expect(sent, "nothing was handed in").toBe(0);
});

test("a portal that has the passkey asked for another statement than the page shows, or for a touch alone, gets no signature", async ({ people }) => {
  const admin = await people.joined("admin");
  const page = new LockdownPage(admin.page);
  const nonce = (challenge: string) => Buffer.from(challenge, "base64url").subarray(32);
  const lies: Record<string, Parameters<typeof asksPasskey>[2]> = {
    "another statement": (asked) => {
      asked.challenge = Buffer.concat([digest({ kind: "halligan/v1/lockdown" }), nonce(asked.challenge)]).toString("base64url");
    },
    "no nonce": (asked) => {
      asked.challenge = Buffer.from(asked.challenge, "base64url").subarray(0, 32).toString("base64url");
    },
    "nobody is verified": (asked) => {
      asked.userVerification = "discouraged";
    },
  };
  for (const [name, lie] of Object.entries(lies)) {
    await test.step(name, async () => {
      await asksPasskey(admin.page, PREPARE, lie);
      await page.open();
      await signsNothing(admin, () => press(page));
      await admin.page.unrouteAll();
    });
  }
});

test("a portal that has a statement signed in the name of a sign-in gets no signature", async ({ people }) => {
  const member = await people.joined("admin");
  const { page } = member;
  await member.signOut();
  await asksPasskey(page, /\/sign-in\/start$/, (asked) => {
    const challenge = Buffer.from(asked.challenge, "base64url");
    expect(challenge).toHaveLength(32);
    asked.challenge = Buffer.concat([digest({ kind: "halligan/v1/lockdown" }), challenge]).toString("base64url");
  });
  await signsNothing(member, () => page.getByRole("button", { name: "Sign in with passkey" }).click());
  // The same portal, as it should be.
  await page.unrouteAll();
  await page.getByRole("button", { name: "Sign in with passkey" }).click();
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
});
