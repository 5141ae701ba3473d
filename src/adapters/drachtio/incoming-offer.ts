import type { Request } from 'drachtio-srf';
import type { HeaderLine } from '../../domain/plan.js';
import type { IncomingOffer } from '../../ports/signalling.js';
import type { NameAddr } from '../../sip/name-addr.js';
import { customHeaders, firstHeader, rawHeaders } from './raw-headers.js';
import { uriParts } from './uri-parts.js';
import { bodyOf } from './wire.js';

/** The INVITE as the engine sees it; header lines are read only when somebody asks for them. */
export function incomingOffer(req: Request, from: NameAddr, to: NameAddr): IncomingOffer {
  let lines: readonly HeaderLine[] | null = null;
  const headers = (): readonly HeaderLine[] => (lines ??= rawHeaders(req.raw));
  const transport = req.protocol === 'tcp' || req.protocol === 'tls' ? req.protocol : 'udp';
  return {
    sipCallId: req.headers['call-id'] ?? '',
    requestUri: { ...uriParts(req.uri), text: req.uri },
    from: { ...uriParts(from.uri), display: from.display },
    to: uriParts(to.uri),
    source: { address: req.source_address, port: req.source_port, transport },
    sdp: bodyOf(req),
    header: (name) => firstHeader(headers(), name.toLowerCase()),
    get customHeaders() {
      return customHeaders(headers());
    },
  };
}
