import { get, type IncomingMessage } from 'node:http';

export interface SseEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** A client of an event stream that can stop reading. */
export class EventSource {
  readonly events: SseEvent[] = [];
  comments = 0;
  /** What a reconnect would send as `Last-Event-ID`. */
  lastId: string | undefined;
  closed = false;
  /** Everything as it came. */
  text = '';
  private rest = '';

  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => this.take(chunk));
    response.on('error', () => undefined);
    response.on('close', () => (this.closed = true));
  }

  /** Resolves when the head of the answer is there: from then on no event is missed. */
  static open(url: string, headers: Record<string, string> = {}): Promise<EventSource> {
    return new Promise((resolve, reject) => {
      get(url, { headers, agent: false }, (response) => resolve(new EventSource(response))).on(
        'error',
        reject,
      );
    });
  }

  get ids(): string[] {
    return this.events.map((event) => String(event.data['id']));
  }

  stop(): void {
    this.response.destroy();
  }

  private take(chunk: string): void {
    this.text += chunk;
    const blocks = (this.rest + chunk).split('\n\n');
    this.rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) this.comments += 1;
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const [id, event, data] = [field('id'), field('event'), field('data')];
      this.lastId = id ?? this.lastId;
      if (id !== undefined && event !== undefined && data !== undefined)
        this.events.push({ id, event, data: JSON.parse(data) as Record<string, unknown> });
    }
  }
}
