// The far ends of a media benchmark: sockets that take RTP and keep when each packet came. A process of its own, so that
// nothing else delays its clock. On stdin: "open N", "start", "report", one per line; each is answered with a line of JSON.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Below a tenth of a millisecond per step nothing is told apart here anyway. */
const STEPS_PER_MS = 10;
const MAX_GAP_MS = 2000;
const FRAME_MS = 20;

let legs = [];
let gaps = new Uint32Array(MAX_GAP_MS * STEPS_PER_MS + 1);
let listening = false;

function arrived(leg, bytes) {
  if (!listening) return;
  const at = performance.now();
  const sequence = bytes.readUInt16BE(2);
  const timestamp = bytes.readUInt32BE(4);
  if (leg.count > 0) {
    gaps[Math.min(gaps.length - 1, Math.round((at - leg.last) * STEPS_PER_MS))] += 1;
    leg.missing += Math.max(0, ((sequence - leg.sequence) & 0xffff) - 1);
  } else {
    leg.first = at;
    leg.begun = timestamp;
  }
  leg.count += 1;
  leg.last = at;
  leg.sequence = sequence;
  leg.timestamp = timestamp;
}

async function open(count) {
  for (let n = 0; n < count; n++) {
    const socket = createSocket('udp4');
    const leg = { socket, count: 0, missing: 0, first: 0, last: 0, begun: 0, sequence: 0, timestamp: 0 };
    socket.on('message', (bytes) => arrived(leg, bytes));
    socket.on('error', () => undefined);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    legs.push(leg);
  }
  return { ports: legs.map(({ socket }) => socket.address().port) };
}

function start() {
  listening = true;
  gaps = new Uint32Array(gaps.length);
  for (const leg of legs) Object.assign(leg, { count: 0, missing: 0 });
  return {};
}

/** The step below which so many per cent of all gaps are, in ms. */
function percentile(percent) {
  const total = gaps.reduce((sum, n) => sum + n, 0);
  let seen = 0;
  for (let step = 0; step < gaps.length; step++) {
    seen += gaps[step];
    if (seen >= (total * percent) / 100) return step / STEPS_PER_MS;
  }
  return 0;
}

function report() {
  listening = false;
  const heard = legs.filter(({ count }) => count > 1);
  // How much longer or shorter the stream took than its own timestamps say.
  const drifts = heard.map((l) => l.last - l.first - ((l.timestamp - l.begun) >>> 0) / 8);
  const late = gaps.reduce((sum, n, step) => (step > 1.5 * FRAME_MS * STEPS_PER_MS ? sum + n : sum), 0);
  const packets = legs.reduce((sum, { count }) => sum + count, 0);
  return {
    silentLegs: legs.length - heard.length,
    packets,
    missing: legs.reduce((sum, { missing }) => sum + missing, 0),
    late,
    p50: percentile(50),
    p99: percentile(99),
    max: percentile(100),
    driftMs: drifts.length === 0 ? null : drifts.toSorted((a, b) => a - b)[drifts.length >> 1],
    worstDriftMs: drifts.length === 0 ? null : Math.max(...drifts.map(Math.abs)),
  };
}

const commands = { open, start, report };
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [name, argument] = line.split(' ');
  process.stdout.write(`${JSON.stringify(await commands[name](Number(argument)))}\n`);
}
process.exit(0);
