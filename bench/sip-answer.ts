const COPIED = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];

/** A final answer without a body to a request that a SIP server wrote (RFC 3261 8.2.6.2). */
export function answerTo(request: string, status: string): string {
  const lines = request.slice(0, request.indexOf('\r\n\r\n')).split('\r\n');
  const copied = COPIED.flatMap((name) => {
    const prefix = `${name.toLowerCase()}:`;
    return lines
      .filter((line) => line.toLowerCase().startsWith(prefix))
      .map((line) => (name === 'To' ? `${line};tag=bench` : line));
  });
  return [`SIP/2.0 ${status}`, ...copied, 'Content-Length: 0', '', ''].join('\r\n');
}
