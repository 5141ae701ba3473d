import { apiRequest } from './api-request.js';
import { type ClientIo, complain, type ExitCode } from './io.js';
import type { CliCommand } from './parse-cli.js';

/** `switchhook transfer`: sends the command and prints the ids of the transfer; it does not wait for the outcome. */
export async function runTransfer(
  command: Extract<CliCommand, { name: 'transfer' }>,
  io: ClientIo,
): Promise<ExitCode> {
  const { callId, targets, headers, ringTimeoutMs, returnToBot } = command;
  const answer = await apiRequest(io, command, {
    path: `/v1/calls/${encodeURIComponent(callId)}/transfers`,
    body: {
      target: targets.length === 1 ? targets[0] : targets,
      ...(Object.keys(headers).length > 0 && { headers }),
      ...(ringTimeoutMs !== null && { ringTimeoutMs }),
      ...(returnToBot && { returnToBot }),
    },
  });
  if (!answer.ok) return complain(io, answer.line);
  const { transferId, sessionId } = (await answer.response.json()) as Readonly<Record<string, unknown>>;
  io.stdout.write(`transfer ${String(transferId)}\nsession  ${String(sessionId)}\n`);
  return 0;
}
