// The link to the drachtio-server this program takes calls from.
import Srf from 'drachtio-srf';

/**
 * @typedef {object} SipServer
 * @property {string} host
 * @property {number} port
 * @property {string} secret
 */

/** @param {string} text `host:port:secret` @returns {SipServer | undefined} */
export function parseSipServer(text) {
  const [, host, port, secret] = /^(\[[^\]]+\]|[^:]+):(\d+):(.+)$/.exec(text) ?? [];
  return host === undefined || secret === undefined ? undefined : { host, port: Number(port), secret };
}

/**
 * Connects, and reconnects by itself when the link is lost later on.
 * @param {SipServer} server
 * @returns {Promise<{ srf: any, address: { host: string, port: number } }>} address: where the server takes SIP calls
 */
export function connectSipServer(server) {
  const srf = new Srf();
  return new Promise((resolve, reject) => {
    srf.on('error', (/** @type {Error} */ error) => reject(error));
    srf.on('connect', (/** @type {Error | null} */ error, hostports = '') => {
      if (error) return reject(error);
      // "udp/192.0.2.1:5060,tcp/192.0.2.1:5060"
      const at = /^\w+\/(.+):(\d+)$/.exec(hostports.split(',')[0] ?? '');
      resolve({ srf, address: { host: at?.[1] ?? server.host, port: Number(at?.[2] ?? 5060) } });
    });
    srf.connect(server);
  });
}
