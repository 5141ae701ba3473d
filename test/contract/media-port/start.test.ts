import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { childrenOf, EngineProcess } from '../../support/engine-process.js';
import { eventually } from '../../support/eventually.js';

const config = (media: string, channelMedia: string): string => `
sip: { listen: ["udp:127.0.0.1:0"] }
api: { listen: "127.0.0.1:0" }
media: { server: ${media} }
trunks: { carrier: { allow: ["127.0.0.1/32"], proxy: "sip:127.0.0.1:5080" } }
channels:
  line:
    match: { did: ["1900*"] }
    media: ${channelMedia}
    bot: { kind: sip, uri: "sip:127.0.0.1:5090" }
`;

async function mediaChildren(pid: number): Promise<number[]> {
  const children = await childrenOf(pid);
  const lines = await Promise.all(children.map((child) => readFile(`/proc/${child}/cmdline`, 'utf8')));
  return children.filter((_, n) => lines[n]?.includes('embedded/media-server') === true);
}

describe('the engine and its media servers', () => {
  let engine: EngineProcess | null = null;
  afterEach(async () => {
    engine?.kill('SIGTERM');
    await engine?.exit;
    engine = null;
  });

  it('starts the embedded one for a channel that needs it, and again when it dies; /readyz says so', async () => {
    engine = new EngineProcess(config('embedded', 'anchored'));
    const { line, api } = await engine.ready();
    expect(line).toContain(' media=embedded ');
    let seen: unknown = null;
    const poll = async (): Promise<void> => {
      const answer = await fetch(`${api}/readyz`);
      const { dependencies } = (await answer.json()) as { dependencies: { media: string } };
      seen = [answer.status, dependencies.media];
    };
    const now = (): Promise<unknown> => poll().then(() => seen);
    await eventually(now).toEqual([200, 'up']);
    const [child = 0, ...more] = await mediaChildren(engine.pid);
    expect(more).toEqual([]);
    process.kill(child, 'SIGKILL');
    await eventually(now).toEqual([503, 'down']);
    await eventually(now).toEqual([200, 'up']);
    const [next] = await mediaChildren(engine.pid);
    expect(next).not.toBe(child);
    engine.kill('SIGTERM');
    expect(await engine.exit).toEqual({ code: 0 });
  }, 30_000);

  it('starts none where no channel needs one', async () => {
    engine = new EngineProcess(config('embedded', 'direct'));
    const { line } = await engine.ready();
    expect(line).toContain(' media=none ');
    expect(await mediaChildren(engine.pid)).toEqual([]);
  }, 30_000);

  it('does not start without the servers it is told of, and names them', async () => {
    engine = new EngineProcess(config('[{ address: 127.0.0.1, port: 1, secret: x }]', 'anchored'));
    const { code } = await engine.exit;
    expect(code).not.toBe(0);
    expect(engine.stderr).toContain('127.0.0.1:1');
  }, 30_000);
});
