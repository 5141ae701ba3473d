/** One event of a stream (WHATWG HTML 9.2.6). */
export interface SseEvent {
  readonly id: string;
  readonly data: string;
}

/** Reads server-sent events off a response body, whatever way the network cuts it. */
export async function* sseEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<SseEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let id = '';
  let data: string[] = [];
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.map((l) => (l.endsWith('\r') ? l.slice(0, -1) : l))) {
      if (line.startsWith('data:')) data.push(valueOf(line));
      else if (line.startsWith('id:')) id = valueOf(line);
      else if (line === '' && data.length > 0) {
        yield { id, data: data.join('\n') };
        data = [];
      }
    }
  }
}

/** One space after the colon belongs to the syntax. */
function valueOf(line: string): string {
  const value = line.slice(line.indexOf(':') + 1);
  return value.startsWith(' ') ? value.slice(1) : value;
}
