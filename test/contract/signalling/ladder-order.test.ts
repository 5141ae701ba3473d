import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { NEXT_SDP, Rig } from './rig.js';

describeServers('signalling: the ladder keeps the order of the wire', (bench) => {
  it('a BYE right behind a re-INVITE', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.talking();
    const before = told.ladder.length;
    leg.reoffer(NEXT_SDP);
    leg.bye([]);
    const reinvite = await call.expect('INVITE');
    const bye = await call.expect('BYE');
    expect(bye.cseq).toBeGreaterThan(reinvite.cseq);
    call.respond(reinvite, 487);
    call.respond(bye, 200);
    // A drachtio-server forgets the re-INVITE with the dialog: its response is shown to nobody.
    if (!bench.real) await told.next('reofferRefused');
    await told.next('closed');
    const sent = told.ladder.slice(before).filter((line) => line.startsWith('>'));
    expect(sent.slice(0, 2)).toEqual(['> INVITE +sdp', '> BYE']);
  });
});
