// What the engine is measured against: drachtio-srf's createB2BUA as its documentation shows it, and nothing else.
// Environment: BENCH_HOST, BENCH_PORT, BENCH_SECRET of the SIP server, BENCH_BOT = the URI every call goes to.
// Prints "ready" and the addresses of the server; ends with its stdin.
import Srf from 'drachtio-srf';

const { BENCH_HOST: host, BENCH_PORT: port, BENCH_SECRET: secret, BENCH_BOT: bot } = process.env;
const srf = new Srf();

srf.invite(async (req, res) => {
  try {
    const { uas, uac } = await srf.createB2BUA(req, res, bot);
    uas.on('destroy', () => uac.destroy().catch(() => {}));
    uac.on('destroy', () => uas.destroy().catch(() => {}));
  } catch {
    // A call that fails is counted where it began: by the caller.
  }
});

srf.on('connect', (error, hostports) => {
  if (error) throw error;
  process.stdout.write(`ready ${hostports}\n`);
});
srf.on('error', (error) => process.stderr.write(`${error.message}\n`));
srf.connect({ host, port: Number(port), secret });
process.stdin.resume().on('end', () => process.exit(0));
