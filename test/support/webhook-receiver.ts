import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The body as JSON. */
  readonly json: Record<string, unknown>;
}

/** How a request is answered; `undefined` leaves it hanging. */
export type Behaviour = (request: Received, response: ServerResponse) => void;

export const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): Behaviour =>
  (_request, response) =>
    response.writeHead(status, headers).end(body);

/** Never answers. */
export const hang: Behaviour = () => undefined;

/** A bot's endpoint on a real socket; answers by the script, request by request, then 204. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  /** Consumed one by one. */
  readonly script: Behaviour[] = [];
  /** When the script is used up. */
  otherwise: Behaviour = answer(204);
  /** Requests being answered right now, and the most there were. */
  open = 0;
  most = 0;
  connections = 0;
  private readonly server = createServer((request, response) => void this.take(request, response));

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    receiver.server.on('connection', () => (receiver.connections += 1));
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/events`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.open += 1;
    this.most = Math.max(this.most, this.open);
    response.on('close', () => (this.open -= 1));
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const json = JSON.parse(body) as Record<string, unknown>;
    const received: Received = { path: request.url ?? '', headers: request.headers, body, json };
    this.received.push(received);
    (this.script.shift() ?? this.otherwise)(received, response);
  }
}
