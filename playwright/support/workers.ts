// Workers that no page shows and Playwright gives no session of: the browser's own session carries what is said to them.

import type { CDPSession } from "@playwright/test";

import type { Member } from "./member.ts";

/** What a session has that a heap is read by. */
export interface Heap {
  send(method: "HeapProfiler.takeHeapSnapshot", params: { reportProgress: boolean }): Promise<unknown>;
  on(event: "HeapProfiler.addHeapSnapshotChunk", take: (piece: { chunk: string }) => void): unknown;
  off(event: "HeapProfiler.addHeapSnapshotChunk", take: (piece: { chunk: string }) => void): unknown;
}

interface Message {
  id?: number;
  method?: string;
  params?: { chunk: string };
  error?: { message: string };
}

/** Has each service worker looked at that runs in the member's browser, whichever page it belongs to. One that does not run holds nothing. */
export async function eachWorker(member: Member, look: (worker: Heap) => Promise<void>): Promise<void> {
  const browser = member.context.browser();
  if (browser === null) throw new Error("workers are found through a browser that Playwright has started");
  const { targetInfo: page } = await member.session.send("Target.getTargetInfo");
  const root = await browser.newBrowserCDPSession();
  try {
    const { targetInfos } = await root.send("Target.getTargets");
    for (const { targetId, type, browserContextId } of targetInfos) {
      if (type === "service_worker" && browserContextId === page.browserContextId) {
        const { sessionId } = await root.send("Target.attachToTarget", { targetId, flatten: false });
        await look(new Carried(root, sessionId));
      }
    }
  } finally {
    await root.detach();
  }
}

class Carried implements Heap {
  private last = 0;
  private readonly waiting = new Map<number, (answer: Message) => void>();
  private readonly takers = new Set<(piece: { chunk: string }) => void>();

  constructor(
    private readonly root: CDPSession,
    private readonly sessionId: string,
  ) {
    root.on("Target.receivedMessageFromTarget", ({ sessionId, message }) => {
      if (sessionId === this.sessionId) this.hear(JSON.parse(message) as Message);
    });
    root.on("Target.detachedFromTarget", ({ sessionId }) => {
      if (sessionId === this.sessionId) for (const answer of this.waiting.values()) answer({ error: { message: "the worker has ended" } });
    });
  }

  async send(method: string, params: object): Promise<unknown> {
    const id = (this.last += 1);
    const answered = new Promise<Message>((done) => this.waiting.set(id, done));
    await this.root.send("Target.sendMessageToTarget", { sessionId: this.sessionId, message: JSON.stringify({ id, method, params }) });
    const { error } = await answered;
    this.waiting.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return undefined;
  }

  on(_: string, take: (piece: { chunk: string }) => void): void {
    this.takers.add(take);
  }

  off(_: string, take: (piece: { chunk: string }) => void): void {
    this.takers.delete(take);
  }

  private hear({ id, method, params, ...answer }: Message): void {
    if (id !== undefined) this.waiting.get(id)?.(answer);
    else if (method === "HeapProfiler.addHeapSnapshotChunk" && params !== undefined) for (const take of this.takers) take(params);
  }
}
