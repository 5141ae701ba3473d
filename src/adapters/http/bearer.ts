import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Paths a load balancer asks without a token. */
const OPEN = new Set(['/healthz', '/readyz']);

/** Closes everything but the health paths when tokens are configured. */
export function requireBearer(app: FastifyInstance, tokens: readonly string[]): void {
  if (tokens.length === 0) return;
  const matches = tokenMatcher(tokens);
  app.addHook('onRequest', (request, _reply, done) => {
    if (OPEN.has(request.routeOptions.url ?? '')) {
      done();
      return;
    }
    const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token !== undefined && matches(token)) done();
    else
      done(
        new AppError(
          'unauthorized',
          token === undefined ? 'No bearer token was sent.' : 'The token is not known.',
        ),
      );
  });
}

/**
 * Digests have one length, so the comparison takes the same time for every token, and all known tokens are
 * compared every time: neither how much of a token is right nor which one it is can be measured.
 */
export function tokenMatcher(tokens: readonly string[]): (token: string) => boolean {
  const known = tokens.map(digest);
  return (token) => {
    const given = digest(token);
    return known.reduce((found, each) => timingSafeEqual(each, given) || found, false);
  };
}
