import { expect } from 'vitest';
import { EventSocket } from './event-socket.js';
import { FrameClient } from './frame-client.js';
import type { Admin } from './drachtio-backend.js';
import type { MediaBackend } from './media-backend.js';

/** Longer than a lease, a take-over and an orphan's patience together. */
const PATIENCE = { timeout: 15_000, interval: 50 };

const FORGOTTEN = /unable to find dialog|unknown/i;

/** What is left of calls on a media server, and in the SIP server of their dialogs with it. */
export class ChannelsLeft {
  /** SIP dialogs of channels, by the SIP server's id. */
  private readonly dialogs = new Set<string>();

  private constructor(
    readonly backend: MediaBackend,
    private readonly socket: EventSocket | null,
    private readonly others: ReadonlySet<string>,
  ) {}

  static async open(backend: MediaBackend): Promise<ChannelsLeft> {
    const socket = backend.real ? await EventSocket.open(backend.esl) : null;
    return new ChannelsLeft(backend, socket, await channelsOf(socket));
  }

  /** Channels that were not there when it was opened. */
  async count(): Promise<number> {
    if (this.socket === null) return this.backend.server!.stats().channels;
    return (await this.own(this.socket)).length;
  }

  /** Notes the dialogs of the channels there are. Of the embedded server only the number is known. */
  async note(): Promise<void> {
    if (this.socket === null) return;
    for (const uuid of await this.own(this.socket)) {
      const dump = await this.socket.api(`uuid_dump ${uuid}`);
      const value = (name: string): string =>
        new RegExp(`^variable_${name}: (.*)$`, 'm').exec(dump)?.[1] ?? '';
      this.dialogs.add(`${decodeURIComponent(value('sip_call_id'))};from-tag=${value('sip_from_tag')}`);
    }
  }

  async areNone(): Promise<void> {
    await expect.poll(() => this.count(), PATIENCE).toBe(0);
    await this.backend.idle();
  }

  /** None of the dialogs noted is known to the SIP server any more. */
  async areForgottenBy(admin: Admin): Promise<void> {
    if (this.dialogs.size === 0) return;
    const client = await FrameClient.open(admin);
    await client.authenticate(admin.secret);
    try {
      for (const id of this.dialogs) await expect.poll(() => says(client, id), PATIENCE).toMatch(FORGOTTEN);
    } finally {
      client.close();
    }
  }

  close(): void {
    this.socket?.close();
  }

  private async own(socket: EventSocket): Promise<readonly string[]> {
    return [...(await channelsOf(socket))].filter((uuid) => !this.others.has(uuid));
  }
}

async function channelsOf(socket: EventSocket | null): Promise<ReadonlySet<string>> {
  const rows = (await socket?.api('show channels'))?.split('\n') ?? [];
  return new Set(rows.flatMap((row) => /^[0-9a-f]{8}-[0-9a-f-]{27}(?=,)/.exec(row)?.[0] ?? []));
}

/** A body without a type is refused before it is sent, but behind the look for the dialog. */
async function says(client: FrameClient, dialog: string): Promise<string> {
  const request = `OPTIONS sip:placeholder SIP/2.0\r\n\r\n?`;
  return (await client.ask(`sip||${dialog}\r\n${request}`)).payload;
}
