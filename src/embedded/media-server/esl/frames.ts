import type { ServerEvent } from './event.js';

/** What goes to an application. LF only; a header value may hold no bare `%`, because drachtio-modesl URL-decodes it. */

export const authRequest = (): string => 'Content-Type: auth/request\n\n';

const decodable = (text: string): string => text.replaceAll('%', '%25');

export const commandReply = (text: string): string =>
  `Content-Type: command/reply\nReply-Text: ${decodable(text)}\n\n`;

export const apiResponse = (body: string): string =>
  `Content-Type: api/response\nContent-Length: ${Buffer.byteLength(body)}\n\n${body}`;

export const backgroundReply = (job: string): string =>
  `Content-Type: command/reply\nReply-Text: +OK Job-UUID: ${decodable(job)}\nJob-UUID: ${decodable(job)}\n\n`;

export function jsonEvent(event: ServerEvent): string {
  const { json } = event;
  return `Content-Length: ${Buffer.byteLength(json)}\nContent-Type: text/event-json\n\n${json}`;
}

/** The answer to `connect`: one block of headers, the values URL-encoded. */
export function channelData(headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${encodeURIComponent(value)}\n`);
  const tail = 'Content-Type: command/reply\nReply-Text: +OK%0A\nSocket-Mode: async\nControl: full\n\n';
  return `Event-Name: CHANNEL_DATA\n${lines.join('')}${tail}`;
}

/** The last words on a connection; a controlled channel is named. */
export function disconnectNotice(channel?: string): string {
  const body = 'Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n';
  const controlled = channel === undefined ? '' : `Controlled-Session-UUID: ${channel}\n`;
  const how = 'Content-Disposition: disconnect\n';
  return `Content-Type: text/disconnect-notice\n${controlled}${how}Content-Length: ${body.length}\n\n${body}`;
}
