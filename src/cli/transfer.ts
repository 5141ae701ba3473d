import type { DryRun } from '../ports/control.js';
import { apiRequest } from './api-request.js';
import { dryRunText } from './dry-run-text.js';
import { type ClientIo, complain, type ExitCode } from './io.js';
import type { CliCommand } from './parse-cli.js';

/** `switchhook transfer`: sends the command and prints the ids of the transfer, or, dry, what it would be. It does not wait for the outcome. */
export async function runTransfer(
  command: Extract<CliCommand, { name: 'transfer' }>,
  io: ClientIo,
): Promise<ExitCode> {
  const { callId, targets, method, headers, ringTimeoutMs, returnToBot, dryRun } = command;
  const answer = await apiRequest(io, command, {
    path: `/v1/calls/${encodeURIComponent(callId)}/transfers${dryRun ? '?dryRun=true' : ''}`,
    body: {
      target: targets.length === 1 ? targets[0] : targets,
      ...(method !== null && { method }),
      ...(Object.keys(headers).length > 0 && { headers }),
      ...(ringTimeoutMs !== null && { ringTimeoutMs }),
      ...(returnToBot && { returnToBot }),
    },
  });
  if (!answer.ok) return complain(io, answer.line);
  if (dryRun) {
    // Our own API's answer, whose shape its contract test holds.
    io.stdout.write(dryRunText((await answer.response.json()) as DryRun));
    return 0;
  }
  const { transferId, sessionId } = (await answer.response.json()) as Readonly<Record<string, unknown>>;
  io.stdout.write(`transfer ${String(transferId)}\nsession  ${String(sessionId)}\n`);
  return 0;
}
