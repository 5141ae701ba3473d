/** Something that happened, as applications see it: flat, and every value is text. */
export class ServerEvent {
  private serialized: string | null = null;

  constructor(
    readonly name: string,
    readonly headers: Readonly<Record<string, string>>,
    readonly body: string | null = null,
  ) {}

  /** The kind of a CUSTOM event. */
  get subclass(): string {
    return this.headers['Event-Subclass'] ?? '';
  }

  /** Written once, however many connections get it. */
  get json(): string {
    this.serialized ??= JSON.stringify(this.flat());
    return this.serialized;
  }

  private flat(): Record<string, string> {
    const { name, headers, body } = this;
    if (body === null) return { 'Event-Name': name, ...headers };
    const length = String(Buffer.byteLength(body));
    return { 'Event-Name': name, ...headers, 'Content-Length': length, _body: body };
  }
}

export interface EventListener {
  offer(event: ServerEvent): void;
}

/** Deals events out to the connections, each of which knows what it asked for. */
export class EventHub {
  private readonly listeners = new Set<EventListener>();
  private sequence = 0;

  /** @param common headers that stand in every event; `Core-UUID` is what finds listeners of memberless events */
  constructor(private readonly common: Readonly<Record<string, string>>) {}

  add(listener: EventListener): void {
    this.listeners.add(listener);
  }

  remove(listener: EventListener): void {
    this.listeners.delete(listener);
  }

  publish(name: string, headers: Readonly<Record<string, string>>, body: string | null = null): void {
    const stamp = {
      ...this.common,
      'Event-Date-Timestamp': String(Date.now() * 1000),
      'Event-Sequence': String(++this.sequence),
    };
    const event = new ServerEvent(name, { ...stamp, ...headers }, body);
    for (const listener of this.listeners) listener.offer(event);
  }
}
