import { bad, good, type Finding } from '../../ports/finding.js';
import { MediaError } from '../../ports/media.js';
import type { FreeswitchServer } from './options.js';
import { probe } from './probe.js';

/** Logs in at a FreeSWITCH and looks for the SIP profile. Never rejects; over within `timeoutMs`. */
export async function examineMediaServer(server: FreeswitchServer, timeoutMs: number): Promise<Finding> {
  const about = `FreeSWITCH ${server.name}`;
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<Finding>((resolve) => {
    const says = `says nothing for ${timeoutMs} ms`;
    timer = setTimeout(
      () => resolve(bad(about, says, 'is it frozen, or another program on its port?')),
      timeoutMs,
    );
  });
  const asked = probe(server).then(
    () => good(about, `lets us in and has the profile ${server.profile}`),
    (error: unknown) => described(about, server, error),
  );
  try {
    return await Promise.race([asked, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function described(about: string, { name, profile }: FreeswitchServer, error: unknown): Finding {
  const message = error instanceof Error ? error.message : String(error);
  const says = message.replace(new RegExp(`^media server ${escaped(name)}:? ?`), '');
  if (!(error instanceof MediaError) || error.reason !== 'refused')
    return bad(
      about,
      `cannot be used: ${says}`,
      'is it running, and is mod_event_socket loaded? Check media.server',
    );
  if (says.includes('secret'))
    return bad(about, says, 'check its secret against password in event_socket.conf.xml');
  if (says.includes('profile'))
    return bad(about, says, `start the profile ${profile} (docs/media.md), or change media.server[].profile`);
  return bad(about, says, 'allow this machine in apply-inbound-acl of event_socket.conf.xml');
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
