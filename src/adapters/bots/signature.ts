import { createHmac } from 'node:crypto';

/**
 * Headers of Standard Webhooks: the id is the event's, the same on every retry; the time is the attempt's, so that
 * a receiver can refuse a replay; the signature covers the very bytes of the body.
 */
export function webhookHeaders(
  id: string,
  nowMs: number,
  body: Buffer,
  secret: string | null,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === null) return headers;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${mac}` };
}
