// The tests' own `test`: one portal for each worker and set of limits, and people who come with a fresh invitation and leave
// when the test is over, each of them silent on the console.

import { rm } from "node:fs/promises";

import { test as base, expect, type Browser } from "@playwright/test";

import { Member, type Looks } from "./member.ts";
import { policies as changed, type Changes } from "./policies.ts";
import { Portal, type Limits, type Role } from "./portal.ts";

export { expect };

/** Lets somebody come to the portal with a fresh invitation for these roles. */
export interface People {
  /** Has an invitation and has not used it. */
  invited(roles: Role | Role[], looks?: Looks): Promise<Member>;
  /** Has joined and is signed in. */
  joined(roles: Role | Role[], looks?: Looks): Promise<Member>;
  /** Makes somebody who came otherwise leave with the others, and be listened to. */
  add(member: Member): Member;
}

interface TestParts {
  people: People;
}

interface WorkerParts {
  limits: Limits;
  /** More of the program's environment. */
  settings: NodeJS.ProcessEnv;
  /** What stands in the built-in policies, and what is to stand there instead. */
  policies: Changes;
  portal: Portal;
}

export const test = base.extend<TestParts, WorkerParts>({
  limits: [{}, { option: true, scope: "worker" }],
  settings: [{}, { option: true, scope: "worker" }],
  policies: [{}, { option: true, scope: "worker" }],
  portal: [
    async ({ limits, settings, policies }, use) => {
      const folder = Object.keys(policies).length === 0 ? undefined : await changed(policies);
      const portal = await Portal.start(limits, folder === undefined ? settings : { ...settings, HALLIGAN_POLICIES: folder });
      await use(portal);
      await portal.end();
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
    { scope: "worker", timeout: 90_000 },
  ],
  people: async ({ browser, portal }, use) => {
    const crowd = new Crowd(browser, portal);
    await use(crowd);
    await crowd.leave();
  },
});

export class Crowd implements People {
  private readonly here: Member[] = [];

  constructor(
    private readonly browser: Browser,
    private readonly portal: Portal,
  ) {}

  async invited(roles: Role | Role[], looks?: Looks): Promise<Member> {
    const all = [roles].flat();
    const usual: Looks = { screen: all.includes("responder") ? "phone" : "desk" };
    return this.add(await Member.arrive(this.browser, this.portal, await this.portal.invite(...all), { ...usual, ...looks }));
  }

  async joined(roles: Role | Role[], looks?: Looks): Promise<Member> {
    const member = await this.invited(roles, looks);
    await member.join();
    return member;
  }

  add(member: Member): Member {
    this.here.push(member);
    return member;
  }

  async leave(): Promise<void> {
    // A desk that stood open would ask what became of those who leave.
    for (const member of this.here) await member.close();
    const left = await Promise.allSettled(this.here.map((member) => member.leave()));
    expect(left.filter(({ status }) => status === "rejected"), "whoever could not leave").toEqual([]);
    expect(this.here.flatMap((member) => member.complaints.unexpected()), "complaints on the console").toEqual([]);
  }
}
