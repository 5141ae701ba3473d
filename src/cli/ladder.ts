import { apiRequest } from './api-request.js';
import { type ClientIo, complain, type ExitCode } from './io.js';
import type { CliCommand } from './parse-cli.js';

const ACCEPT = { text: 'text/plain', json: 'application/json', mermaid: 'text/vnd.mermaid' } as const;

/** `switchhook ladder`. */
export async function runLadder(
  command: Extract<CliCommand, { name: 'ladder' }>,
  io: ClientIo,
): Promise<ExitCode> {
  const path = `/v1/calls/${encodeURIComponent(command.callId)}/ladder`;
  const answer = await apiRequest(io, command, { path, accept: ACCEPT[command.format] });
  if (!answer.ok) return complain(io, answer.line);
  const text = await answer.response.text();
  io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  return 0;
}
