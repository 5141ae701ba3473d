/** One command of an application: the first line, then `Name: value` lines, then an optional body. */
export interface EslCommand {
  readonly line: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The peer sends something that can never become a command. */
export class CommandTooLong extends Error {
  override readonly name = 'CommandTooLong';
}

const MAX_COMMAND_BYTES = 1_048_576;

/**
 * Cuts a byte stream into commands. Commands may be pipelined, and drachtio-modesl writes the lines of one command in
 * separate writes, so neither end of a chunk means anything.
 */
export class CommandReader {
  private rest: Buffer = Buffer.alloc(0);

  /** @throws CommandTooLong */
  push(chunk: Buffer): EslCommand[] {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const commands: EslCommand[] = [];
    for (let next = this.next(); next !== null; next = this.next()) commands.push(next);
    if (this.rest.length > MAX_COMMAND_BYTES) throw new CommandTooLong('command too long');
    return commands;
  }

  private next(): EslCommand | null {
    const { rest } = this;
    let start = 0;
    while (rest[start] === 0x0a || rest[start] === 0x0d) start++;
    const end = headEnd(rest, start);
    if (end === null) {
      this.rest = rest.subarray(start);
      return null;
    }
    const command = readHead(rest.toString('utf8', start, end.at));
    const length = bodyLength(command.headers);
    if (rest.length < end.after + length) return null;
    this.rest = rest.subarray(end.after + length);
    return { ...command, body: rest.toString('utf8', end.after, end.after + length) };
  }
}

/** An empty line ends the head; a person on telnet ends lines with CRLF. */
function headEnd(bytes: Buffer, from: number): { at: number; after: number } | null {
  for (let i = bytes.indexOf(0x0a, from); i >= 0; i = bytes.indexOf(0x0a, i + 1)) {
    if (bytes[i + 1] === 0x0a) return { at: i, after: i + 2 };
    if (bytes[i + 1] === 0x0d && bytes[i + 2] === 0x0a) return { at: i, after: i + 3 };
  }
  return null;
}

function readHead(text: string): Pick<EslCommand, 'line' | 'headers'> {
  const [line = '', ...rest] = text.replace(/\r$/, '').split(/\r?\n/);
  const headers = new Map<string, string>();
  for (const header of rest) {
    const colon = header.indexOf(':');
    // Everything behind the first `: ` belongs to the value: an argument may hold colons itself.
    if (colon > 0)
      headers.set(header.slice(0, colon).trim().toLowerCase(), header.slice(colon + 1).trimStart());
  }
  return { line: line.trim(), headers };
}

function bodyLength(headers: ReadonlyMap<string, string>): number {
  const text = headers.get('content-length') ?? '';
  return /^\d{1,7}$/.test(text) ? Number(text) : 0;
}
