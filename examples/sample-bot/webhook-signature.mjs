// Standard Webhooks: is this request really from our Switchhook? (https://www.standardwebhooks.com)
import { createHmac, timingSafeEqual } from 'node:crypto';

/** An event that took longer than this on its way is an old one played back. */
const TOLERANCE_S = 300;

/**
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {Buffer} body the very bytes that came: parsing and writing JSON again would change them
 * @param {string} secret `whsec_<base64>`
 * @returns {string | undefined} what is wrong, `undefined` when all is well
 */
export function signatureProblem(headers, body, secret) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') {
    return 'it is not signed';
  }
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE_S))
    return 'its timestamp is too far off';
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const wanted = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  // Several signatures, parted by spaces, while a secret is being changed for another.
  const good = signatures.split(' ').some((signature) => {
    const [version, value = ''] = signature.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === wanted.length && timingSafeEqual(given, wanted);
  });
  return good ? undefined : 'its signature is wrong';
}
