/** The peer's stream cannot be followed any further. */
export class StreamBroken extends Error {
  override readonly name = 'StreamBroken';
}

const MAX_MESSAGE_BYTES = 65_535;

/** Cuts a TCP stream into messages by Content-Length (RFC 3261 18.3). */
export class StreamCutter {
  private rest: Buffer = Buffer.alloc(0);

  /** @throws StreamBroken */
  push(chunk: Buffer): string[] {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const messages: string[] = [];
    for (let next = this.next(); next !== null; next = this.next()) messages.push(next);
    if (this.rest.length > MAX_MESSAGE_BYTES) throw new StreamBroken('message too long');
    return messages;
  }

  private next(): string | null {
    let start = 0;
    while (this.rest[start] === 13 || this.rest[start] === 10) start++;
    this.rest = this.rest.subarray(start);
    const end = this.rest.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const head = this.rest.toString('utf8', 0, end);
    const length = /\r\n(?:content-length|l)[ \t]*:[ \t]*(\d{1,6})[ \t]*(?:\r\n|$)/i.exec(head)?.[1];
    if (length === undefined) throw new StreamBroken('no Content-Length');
    const total = end + 4 + Number(length);
    if (total > MAX_MESSAGE_BYTES) throw new StreamBroken('message too long');
    if (this.rest.length < total) return null;
    const message = this.rest.toString('utf8', 0, total);
    this.rest = this.rest.subarray(total);
    return message;
  }
}
