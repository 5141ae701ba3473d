import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Secret the base configuration signs events with: `whsec_` and the base64 of 24 bytes (Standard Webhooks 1.0). */
export const EVENT_SECRET = `whsec_${Buffer.from('scenario-runner-secret!!').toString('base64')}`;

/** How far a signed time may be off (Standard Webhooks: five minutes). */
const TOLERANCE_S = 300;

export type EventBody = Readonly<Record<string, unknown>>;

/** The bot's end of the events: a real HTTP server that checks each signature and keeps what came, in order. */
export class EventReceiver {
  readonly events: EventBody[] = [];
  /** What was wrong with deliveries: a bad signature, a second delivery, no JSON. */
  readonly problems: string[] = [];
  private readonly ids = new Set<string>();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      void this.take(request).finally(() => response.writeHead(200).end());
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/events`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async take(request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const header = (name: string): string => String(request.headers[name] ?? '');
    const id = header('webhook-id');
    const problem = signatureProblem(id, header('webhook-timestamp'), header('webhook-signature'), text);
    if (problem !== undefined) this.problems.push(`${problem}: ${text}`);
    if (this.ids.has(id)) return;
    this.ids.add(id);
    const body = parse(text);
    if (body === undefined) this.problems.push(`not a JSON object: ${text}`);
    else this.events.push(body);
  }
}

/** What is wrong with a delivery's signature, by the Standard Webhooks specification. */
export function signatureProblem(
  id: string,
  timestamp: string,
  signature: string,
  body: string,
): string | undefined {
  if (id === '') return 'no webhook-id';
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < TOLERANCE_S))
    return `webhook-timestamp "${timestamp}"`;
  const key = Buffer.from(EVENT_SECRET.slice('whsec_'.length), 'base64');
  const wanted = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  const good = signature.split(' ').some((part) => {
    const given = Buffer.from(part.replace(/^v1,/, ''), 'base64');
    return part.startsWith('v1,') && given.length === wanted.length && timingSafeEqual(given, wanted);
  });
  return good ? undefined : `webhook-signature "${signature}" is not that of the body`;
}

function parse(text: string): EventBody | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as EventBody)
      : undefined;
  } catch {
    return undefined;
  }
}
