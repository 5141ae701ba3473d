/** One stream of a session description. */
export interface Section {
  /** `m=` line first. */
  readonly lines: readonly string[];
}

export interface Body {
  readonly session: readonly string[];
  readonly media: readonly Section[];
}

/**
 * The last few bodies taken apart. One body is looked at several times within a step (checked, compared, presented):
 * remembering it changes what that costs and nothing else.
 */
const recent: { readonly text: string; readonly body: Body }[] = [];
const REMEMBERED = 8;
let oldest = 0;

export function split(sdp: string): Body {
  for (const known of recent) if (known.text === sdp) return known.body;
  const body = take(sdp);
  recent[oldest] = { text: sdp, body };
  oldest = (oldest + 1) % REMEMBERED;
  return body;
}

/** Lines end in CRLF, or in LF from careless senders (RFC 4566 5). */
function take(sdp: string): Body {
  const session: string[] = [];
  const media: { lines: string[] }[] = [];
  let current = session;
  for (let start = 0, end = 0; start < sdp.length; start = end + 1) {
    end = sdp.indexOf('\n', start);
    if (end < 0) end = sdp.length;
    const line = sdp.slice(start, sdp[end - 1] === '\r' ? end - 1 : end);
    if (line === '') continue;
    if (line.startsWith('m=')) {
      current = [line];
      media.push({ lines: current });
    } else current.push(line);
  }
  return { session, media };
}
