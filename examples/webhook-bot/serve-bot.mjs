// The HTTP side of a bot that speaks by replies: checks who asks, answers each question once.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { signatureProblem } from '../sample-bot/webhook-signature.mjs';

const LARGEST_BODY = 256 * 1024;
const REMEMBERED_ANSWERS = 1000;

/**
 * @param {object} options
 * @param {string} options.host
 * @param {number} options.port 0 = any free one
 * @param {string | undefined} options.secret the channel's secret; without it signatures are not checked
 * @param {(message: any) => object | undefined} options.answer the body to answer with; `undefined`: nothing to say
 * @param {(why: string) => void} options.onRefused
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function serveBot({ host, port, secret, answer, onRefused }) {
  /**
   * A question comes again when its answer was lost on the way; its id is the same then, and so must the answer be.
   * @type {Map<string, object | undefined>}
   */
  const answers = new Map();
  /** @param {string} id @param {any} message */
  const answerOnce = (id, message) => {
    if (answers.has(id)) return answers.get(id);
    const said = answer(message);
    answers.set(id, said);
    if (answers.size > REMEMBERED_ANSWERS)
      answers.delete(/** @type {string} */ (answers.keys().next().value));
    return said;
  };

  /** @param {import('node:http').IncomingMessage} req @param {import('node:http').ServerResponse} res */
  const take = async (req, res) => {
    const body = await bodyOf(req);
    if (body === undefined) return void res.writeHead(413).end();
    const problem = secret === undefined ? undefined : signatureProblem(req.headers, body, secret);
    if (problem !== undefined) {
      onRefused(problem);
      return void res.writeHead(401).end();
    }
    const said = answerOnce(String(req.headers['webhook-id']), JSON.parse(body.toString('utf8')));
    if (said === undefined) return void res.writeHead(204).end();
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said));
  };

  const server = createServer((req, res) => {
    // What cannot be read must not end the bot. Without an answer the engine asks again.
    take(req, res).catch((error) => {
      onRefused(error.message);
      res.headersSent ? res.destroy() : res.writeHead(400).end();
    });
  });
  server.listen({ host, port });
  await once(server, 'listening');
  const at = /** @type {import('node:net').AddressInfo} */ (server.address());
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${at.port}/bot`,
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
