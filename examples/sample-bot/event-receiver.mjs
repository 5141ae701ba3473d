// The HTTP side: takes the events of the engine.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { signatureProblem } from './webhook-signature.mjs';

const LARGEST_BODY = 256 * 1024;
const REMEMBERED_IDS = 1000;

/**
 * @param {object} options
 * @param {string} options.host
 * @param {number} options.port 0 = any free one
 * @param {string | undefined} options.secret
 * @param {(event: any) => void} options.onEvent every event once, in the order of its call
 * @param {(why: string) => void} options.onRefused
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function receiveEvents({ host, port, secret, onEvent, onRefused }) {
  /** An event may come twice (its answer was lost on the way); its id is the same then. @type {Set<string>} */
  const seen = new Set();
  /** @param {import('node:http').IncomingMessage} req @param {import('node:http').ServerResponse} res */
  const take = async (req, res) => {
    const body = await bodyOf(req);
    if (body === undefined) return void res.writeHead(413).end();
    const problem = secret === undefined ? undefined : signatureProblem(req.headers, body, secret);
    if (problem !== undefined) {
      onRefused(problem);
      return void res.writeHead(401).end();
    }
    const event = parsed(body);
    if (event === undefined) return void res.writeHead(400).end();
    // Answer first: the engine sends a call's next event after this answer, thinking is no reason to keep it waiting.
    res.writeHead(204).end();
    const id = String(req.headers['webhook-id']);
    if (seen.has(id)) return;
    seen.add(id);
    if (seen.size > REMEMBERED_IDS) seen.delete(/** @type {string} */ (seen.values().next().value));
    onEvent(event);
  };
  const server = createServer((req, res) => {
    // A sender that went away in the middle, or an event of a shape nobody expected, must not end the bot.
    take(req, res).catch((error) => {
      onRefused(error.message);
      res.destroy();
    });
  });
  server.listen({ host, port });
  await once(server, 'listening');
  const at = /** @type {import('node:net').AddressInfo} */ (server.address());
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${at.port}/events`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** @param {import('node:http').IncomingMessage} req @returns {Promise<Buffer | undefined>} */
async function bodyOf(req) {
  const chunks = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @param {Buffer} body @returns {object | undefined} */
function parsed(body) {
  try {
    const event = JSON.parse(body.toString('utf8'));
    return typeof event === 'object' && event !== null ? event : undefined;
  } catch {
    return undefined;
  }
}
