import { randomUUID } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import { InboundServer } from './esl/inbound-server.js';
import { Vitals } from './heartbeat.js';
import { hostPort, type HostPort, type MediaServerOptions } from './options.js';
import { Switchboard, VERSION } from './switchboard.js';
import { SipTransport } from './sip/transport.js';
import { SipUas } from './sip/uas.js';

export { DEFAULTS, type MediaServerOptions } from './options.js';
export { VERSION } from './switchboard.js';

/** Sizes of the tables now, and what happened since the start. Idle means channels, dialogs and conferences are 0. */
export interface MediaServerStats {
  readonly channels: number;
  readonly conferences: number;
  readonly dialogs: number;
  readonly transactions: number;
  readonly applications: number;
  readonly calls: number;
  readonly ticks: number;
  /** Ticks left out because the machine slept. */
  readonly skippedTicks: number;
  /** Upper bound in ms of how late 99 of 100 ticks were. */
  readonly lateP99Ms: number;
  readonly lateMaxMs: number;
}

export interface MediaServer {
  readonly sip: HostPort;
  readonly esl: HostPort;
  stats(): MediaServerStats;
  close(): Promise<void>;
}

/** An address that cannot be used; the message names it. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

const WILDCARD = /^(0\.0\.0\.0|::)$/;
/** BYEs of a close may be answered, or be sent once more, before the sockets go. */
const GOODBYE_MS = 700;

async function bound<T>(what: string, address: HostPort, bind: () => Promise<T>): Promise<T> {
  try {
    return await bind();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new ListenError(`cannot listen for ${what} on ${hostPort(address)}: ${problem}`);
  }
}

/** @throws ListenError when a block is not `ADDRESS` or `ADDRESS/BITS` */
export function sourcesFrom(blocks: readonly string[] | undefined): BlockList | null {
  if (blocks === undefined) return null;
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', bits] = block.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    try {
      if (bits === undefined) list.addAddress(address, family);
      else list.addSubnet(address, Number(bits), family);
    } catch {
      throw new ListenError(`"${block}" is not an address block`);
    }
  }
  return list;
}

/** What `api sofia status` prints: drachtio-fsmrf takes from it where to send its calls. */
function sofiaTable(profile: string, addresses: readonly string[]): string {
  const rule = '='.repeat(99);
  const rows = addresses.map(
    (address) => `             ${profile}\tprofile\t              sip:mod_sofia@${address}\tRUNNING (0)\n`,
  );
  return (
    `                     Name\t   Type\t                                      Data\tState\n${rule}\n` +
    `${rows.join('')}${rule}\n1 profile 0 aliases\n`
  );
}

function lateness(board: Switchboard): { p99: number; max: number } {
  const { lateness: counts, ticks } = board.clock;
  let seen = 0;
  let p99 = 0;
  let max = 0;
  counts.forEach((count, ms) => {
    if (count === 0) return;
    if (seen < ticks * 0.99) p99 = ms + 1;
    seen += count;
    max = ms + 1;
  });
  return { p99, max };
}

function statistics(board: Switchboard, uas: readonly SipUas[], inbound: InboundServer): MediaServerStats {
  const { p99, max } = lateness(board);
  const sum = (of: 'dialogs' | 'transactions'): number => uas.reduce((n, { sizes }) => n + sizes[of], 0);
  return {
    channels: board.channels.size,
    conferences: board.rooms.count,
    dialogs: sum('dialogs'),
    transactions: sum('transactions'),
    applications: inbound.connectionCount,
    calls: board.created,
    ticks: board.clock.ticks,
    skippedTicks: board.clock.skipped,
    lateP99Ms: p99,
    lateMaxMs: max,
  };
}

/** Tells everybody who asked for it how the server is. */
function startHeartbeat(board: Switchboard, shown: string): NodeJS.Timeout {
  const vitals = new Vitals(VERSION, shown);
  const { heartbeatMs, maxSessions } = board.options;
  let before = 0;
  return setInterval(() => {
    const perSecond = Math.round(((board.created - before) * 1000) / heartbeatMs);
    before = board.created;
    const load = { sessions: board.channels.size, maxSessions, sessionsPerSecond: perSecond };
    board.hub.publish('HEARTBEAT', vitals.headers(load));
  }, heartbeatMs);
}

/** One address SIP is taken on. */
interface Door {
  readonly transport: SipTransport;
  /** The host written where others read it. */
  readonly shown: string;
  readonly address: string;
}

async function openDoors({ sip, sip6, advertise }: MediaServerOptions): Promise<Door[]> {
  const doors: Door[] = [];
  try {
    for (const at of sip6 === undefined ? [sip] : [sip, sip6]) {
      const transport = await bound('SIP', at, () => SipTransport.bind(at.host, at.port));
      const shown = WILDCARD.test(at.host) ? (advertise ?? at.host) : at.host;
      doors.push({ transport, shown, address: hostPort({ host: shown, port: transport.port }) });
    }
    return doors;
  } catch (error) {
    await Promise.all(doors.map(({ transport }) => transport.close()));
    throw error;
  }
}

export async function startMediaServer(options: MediaServerOptions): Promise<MediaServer> {
  if (options.secret === '' || /\s/.test(options.secret))
    throw new ListenError('the secret must be non-empty and without spaces');
  const allow = sourcesFrom(options.allow);
  const { esl } = options;
  const doors = await openDoors(options);
  const inbound = await bound('applications', esl, () =>
    InboundServer.bind(esl.host, esl.port, options.secret),
  ).catch(async (error: unknown) => {
    await Promise.all(doors.map(({ transport }) => transport.close()));
    throw error;
  });
  const addresses = doors.map(({ address }) => address);
  const board: Switchboard = new Switchboard(options, randomUUID(), {
    sofiaStatus: () => sofiaTable(options.profile, addresses),
    status: () => `UP\nswitchhook-mediad ${VERSION} is ready\n${board.channels.size} session(s)\n`,
  });
  const uas = doors.map(({ transport, shown, address }) => {
    const calls = board.callsOn(transport.host, shown);
    return new SipUas(transport, `sip:mod_sofia@${address}`, calls);
  });
  for (const one of uas) one.start(allow);
  inbound.start(board, board.hub);
  const heartbeat = startHeartbeat(board, doors[0]?.shown ?? options.sip.host);
  return {
    sip: { host: options.sip.host, port: doors[0]?.transport.port ?? 0 },
    esl: { host: esl.host, port: inbound.port },
    stats: () => statistics(board, uas, inbound),
    close: async () => {
      clearInterval(heartbeat);
      await board.close();
      await inbound.close();
      await Promise.all(uas.map((one) => one.close(GOODBYE_MS)));
    },
  };
}
