/** `5:hello,` as bytes: how baresip's `ctrl_tcp` frames its JSON. */
export function netstring(text: string): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${body.length}:`), body, Buffer.from(',')]);
}

/** Cuts a stream of netstrings into their texts. */
export class NetstringCutter {
  #rest: Buffer = Buffer.alloc(0);

  /** The texts that are complete with this chunk. Throws when the stream is not one of netstrings. */
  push(chunk: Buffer): string[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const texts: string[] = [];
    for (let text = this.next(); text !== undefined; text = this.next()) texts.push(text);
    return texts;
  }

  private next(): string | undefined {
    const colon = this.#rest.indexOf(':');
    if (colon < 0) return undefined;
    const length = Number(this.#rest.subarray(0, colon).toString());
    if (!Number.isInteger(length)) throw new Error(`not a netstring: ${this.#rest.toString()}`);
    const end = colon + 1 + length;
    if (this.#rest.length <= end) return undefined;
    const text = this.#rest.subarray(colon + 1, end).toString();
    this.#rest = this.#rest.subarray(end + 1);
    return text;
  }
}
