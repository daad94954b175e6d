// A person at a browser: a context of their own, so that no two members share a session, and a passkey in a virtual
// authenticator that verifies its user. Acts only through what is to be seen on the page.

import { expect, type Browser, type BrowserContext, type CDPSession, type Locator, type Page } from "@playwright/test";

import { Complaints } from "./console.ts";
import { JoinPage } from "./pages/join.ts";
import { SignInPage } from "./pages/sign_in.ts";
import type { Invitation, Portal } from "./portal.ts";

/** A responder's phone, a tablet in an ambulance, a dispatcher's screen. */
export const SCREENS = {
  phone: { width: 360, height: 640 },
  tablet: { width: 820, height: 1180 },
  desk: { width: 1440, height: 900 },
} as const;
export type Screen = keyof typeof SCREENS;

export interface Looks {
  screen?: Screen;
  scheme?: "light" | "dark";
}

export class Member {
  readonly complaints: Complaints;
  /** The only one of its page: when a second one ends, the authenticator ends with it. */
  session!: CDPSession;
  private authenticator!: string;

  private constructor(
    readonly portal: Portal,
    readonly context: BrowserContext,
    readonly page: Page,
    readonly invitation: Invitation,
  ) {
    this.complaints = new Complaints(context);
  }

  /** Somebody with a browser and an invitation, not used yet. */
  static async arrive(browser: Browser, portal: Portal, invitation: Invitation, looks: Looks = {}): Promise<Member> {
    const context = await browser.newContext({
      baseURL: portal.origin,
      viewport: SCREENS[looks.screen ?? "phone"],
      colorScheme: looks.scheme ?? "light",
      reducedMotion: "reduce",
    });
    return Member.at(context, await context.newPage(), portal, invitation);
  }

  /** Somebody at a page that is open already. */
  static async at(context: BrowserContext, page: Page, portal: Portal, invitation: Invitation): Promise<Member> {
    const member = new Member(portal, context, page, invitation);
    await member.addAuthenticator();
    return member;
  }

  get name(): string {
    return this.invitation.name;
  }

  get agencyId(): string {
    return this.invitation.agencyId;
  }

  get signOutButton(): Locator {
    return this.page.getByRole("button", { name: "Sign out", exact: true });
  }

  /** Makes the first passkey with the invitation; signed in afterwards. */
  async join(): Promise<void> {
    await this.page.goto(this.invitation.link);
    await new JoinPage(this.page).create();
    await expect(this.signOutButton).toBeVisible();
  }

  async signIn(): Promise<void> {
    await new SignInPage(this.page).signIn();
    await expect(this.signOutButton).toBeVisible();
  }

  /** `answer`: to the question that is asked where something would be lost. */
  async signOut(answer?: "Erase and sign out" | "Give up and sign out" | "Withdraw and sign out"): Promise<void> {
    // What the page was just asking about a request is refused once the session has ended.
    this.complaints.expectStatus(401, /\/api\/v1\/(requests|desk)\b/);
    await this.signOutButton.click();
    if (answer !== undefined) await this.page.getByRole("button", { name: answer }).click();
    await expect(this.page.getByRole("heading", { name: "Sign in", level: 1 })).toBeVisible();
  }

  /** Another tab of this browser. */
  async otherTab(): Promise<Member> {
    const other = await Member.at(this.context, await this.context.newPage(), this.portal, this.invitation);
    await other.takePasskeys(this);
    return other;
  }

  /** Another device that this person's passkeys have been copied to, with a session of its own. */
  async otherDevice(browser: Browser, looks: Looks = {}): Promise<Member> {
    const other = await Member.arrive(browser, this.portal, this.invitation, looks);
    await other.takePasskeys(this);
    return other;
  }

  /** Another authenticator at this browser, in place of the one before; `copies`: its passkeys may go to other devices. */
  async changeAuthenticator({ copies = false } = {}): Promise<void> {
    await this.session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: this.authenticator });
    await this.addAuthenticator(copies);
  }

  /** Whether whoever touches the authenticator is its owner. */
  async verifies(isOwner: boolean): Promise<void> {
    await this.session.send("WebAuthn.setUserVerified", { authenticatorId: this.authenticator, isUserVerified: isOwner });
  }

  /** How often the passkeys in the authenticator have signed so far. */
  async signatures(): Promise<number> {
    const { credentials } = await this.session.send("WebAuthn.getCredentials", { authenticatorId: this.authenticator });
    return credentials.reduce((sum, { signCount }) => sum + signCount, 0);
  }

  /** Looks at nothing any more. */
  async close(): Promise<void> {
    for (const page of this.context.pages()) await page.close();
  }

  /** Ends what was asked and opened at this browser, so that it is on no desk of the next test. */
  async leave(): Promise<void> {
    // A page that stood open would complain that it is signed out.
    await this.close();
    const { origin } = this.portal;
    try {
      const out = await this.context.request.post(`${origin}/api/v1/sign-out`, { headers: { origin }, maxRetries: 2 });
      expect(out.ok(), `${this.name} is signed out`).toBe(true);
    } catch (error) {
      // Neither a browser that is closed already nor a portal that is down has anybody to sign out.
      if (!/has been closed|ECONNREFUSED|ECONNRESET|socket hang up/.test(String(error))) throw error;
    } finally {
      await this.context.close();
    }
  }

  private async takePasskeys(from: Member): Promise<void> {
    const { credentials } = await from.session.send("WebAuthn.getCredentials", { authenticatorId: from.authenticator });
    for (const credential of credentials) {
      // A copy counts on from a number of its own, and the portal refuses one that falls behind.
      const ahead = { ...credential, signCount: credential.signCount + 1_000 };
      await this.session.send("WebAuthn.addCredential", { authenticatorId: this.authenticator, credential: ahead });
    }
  }

  private async addAuthenticator(copies = false): Promise<void> {
    this.session ??= await this.context.newCDPSession(this.page);
    await this.session.send("WebAuthn.enable", { enableUI: false });
    const { authenticatorId } = await this.session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        ctap2Version: "ctap2_1",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
        defaultBackupEligibility: copies,
      },
    });
    this.authenticator = authenticatorId;
  }
}
